//! Writes down what the clock shows, and not how long the second part took.
//!
//! A prediction. A loop runs this main future. Times are in milliseconds on the loop's clock, and
//! nothing but sleeping takes any time.
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
//! Where there is an ellipsis, the time stands: since the beginning in the first part, and how long
//! it took in the second. Write the five lines, in the order in which they come, before you run
//! anything. A line reads `a at 5`.

/// The five lines in order. A question mark is a line that you have not decided on.
pub fn prediction() -> [&'static str; 5] {
    // ANCHOR: mistake
    [
        "b at 10",
        "c at 20",
        "a at 30",
        "main at 30",
        "second part took 90",
    ]
    // ANCHOR_END: mistake
}
