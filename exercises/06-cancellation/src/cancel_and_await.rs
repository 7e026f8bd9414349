//! A prediction. A loop runs `main`. `Task::spawn` is this chapter's: dropping a task cancels it,
//! and so does `cancel()`. `Note` is a value whose destructor writes its text, and `an_hour()` a
//! future that is ready after an hour.
//!
//! ```text
//! main                              worker                          child
//!   worker = Task::spawn(…)           let _note = Note("worker")      let _note = Note("child")
//!   waits until all are suspended     child = Task::spawn(…)          an_hour().await
//!   writes "cancels"                  child.await                     writes "child ends"
//!   worker.cancel()                   writes "worker ends"
//!   writes "goes on"
//!   worker.await
//!   writes "knows"
//! ```
//!
//! Which lines are written from "cancels" on, and in which order? There are five.

/// The lines in order: a text, or `drop` and the name of a note. Case, quotes and punctuation do
/// not count. A question mark is a line that you have not decided on.
pub fn prediction() -> [&'static str; 5] {
    ["?", "?", "?", "?", "?"]
}
