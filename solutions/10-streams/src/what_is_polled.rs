//! A prediction. A loop runs `main`. `from_async` makes a stream of an async block, and each `send` in
//! the block is an item. `take` yields the first items of a stream. After its last item `take` does not
//! poll the block again, and it keeps the block until it is dropped itself. `Note` is a value whose destructor
//! writes its text. Each text is written with the seconds on the loop's clock.
//!
//! ```text
//! numbers, from an async block      main
//!   let _note = Note("numbers")       let mut two = take(numbers, 2)
//!   for N in 1, 2, 3, …               writes "made"
//!     sleep(1 s).await                while let Some(N) = next(&mut two).await
//!     writes "send N"                   writes "got N"
//!     items.send(N).await               sleep(2 s).await
//!                                     writes "end"
//!                                     drop(two)
//! ```
//!
//! `main` starts at 0 s. Which lines are written, and in which order?

/// The lines in order, each with its time: `got 1 at 5 s`, or `drop numbers at 5 s`. Case, quotes and
/// punctuation do not count. A question mark is a line that you have not decided on. There may be as
/// many lines as you like.
pub fn prediction() -> &'static [&'static str] {
    // YOURS
    &[
        "made at 0 s",
        "send 1 at 1 s",
        "got 1 at 1 s",
        "send 2 at 4 s",
        "got 2 at 4 s",
        "end at 6 s",
        "drop numbers at 6 s",
    ]
    // STUB: &["made at 0 s", "?"]
    // YOURS_END
}
