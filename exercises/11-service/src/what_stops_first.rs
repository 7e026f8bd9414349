//! A prediction. `run` runs `main` on a loop. `Note` is a value whose destructor writes its text. A
//! `Cleanup` of chapter 06 spawns its work when it is dropped.
//!
//! ```text
//! main(program)                                worker(program)
//!   let _note = Note(main)                       let _note = Note(worker)
//!   program.at_exit(pool, writes "pool closed")  let _goodbye = Cleanup(program.spawner(),
//!   program.at_exit(log, writes "log closed")        sleep(1 s), writes "goodbye")
//!   program.spawn(worker(program))               sleep(1 hour).await
//!   sleep(2 s).await                             writes "worker ends"
//!   writes "main returns"
//! ```
//!
//! The program calls `run(event_loop, 10 s, main)`, and writes "run returns" behind it. Which lines are
//! written, and in which order?

/// The lines in order: a text, or `drop` and the name of a note. Case, quotes and punctuation do
/// not count. A question mark is a line that you have not decided on. There may be as many lines as
/// you like.
pub fn prediction() -> &'static [&'static str] {
    &["main returns", "?", "run returns"]
}
