//! A prediction. A loop runs this main future. Times are in milliseconds on the loop's clock, and
//! only sleeping takes time.
//!
//! ```text
//! main, first part                            tasks
//!   spawns a, b and c                           a sleeps for 30, and writes "a at …"
//!   awaits a's handle, then b's, then c's       b sleeps for 10, and writes "b at …"
//!   writes "main at …"                          c sleeps for 20, and writes "c at …"
//!
//! main, second part
//!   handle.sleep(30).await
//!   handle.sleep(10).await
//!   handle.sleep(20).await
//!   writes "second part took …"
//! ```
//!
//! In place of each ellipsis the program writes a time: in the first part the time since the
//! beginning, in the second part how long that part took. Write the five lines in the order in which
//! the program writes them, before you run anything. A line reads `a at 5`.

/// The five lines in order. A question mark is a line that you have not decided on.
pub fn prediction() -> [&'static str; 5] {
    ["?", "?", "?", "?", "?"]
}
