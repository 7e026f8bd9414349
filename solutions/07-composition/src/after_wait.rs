//! A prediction. A loop runs `main`. `job(NAME, SECONDS)` is a task of chapter 06, and dropping a
//! `Task` cancels it. `Note` is a value whose destructor writes its text. `wait_at` returns
//! `Waited { done, pending }` when all tasks have finished or the deadline has passed.
//!
//! ```text
//! job(NAME, SECONDS)                main
//!   let _note = Note(NAME)            let jobs = [job(a, 1 s), job(b, 3 s)]
//!   sleep(SECONDS).await              let waited = wait_at(now + 2 s, jobs, All).await
//!   writes "NAME ends"                writes "waited"
//!                                     let result = timeout(2 s, job(c, 3 s)).await
//!                                     writes "timed out"
//!                                     sleep(3 s).await
//!                                     writes "main ends"
//! ```
//!
//! `main` starts at 0 s. Which lines are written up to "main ends", and in which order?

/// The lines in order: a text, or `drop` and the name of a note. Case, quotes and punctuation do
/// not count. A question mark is a line that you have not decided on. There may be as many lines as
/// you like.
pub fn prediction() -> &'static [&'static str] {
    // YOURS
    &[
        "a ends",
        "drop a",
        "waited",
        "b ends",
        "drop b",
        "drop c",
        "timed out",
        "main ends",
    ]
    // STUB: &["?", "main ends"]
    // YOURS_END
}
