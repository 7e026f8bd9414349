//! Expects `.await` in an `async fn` and nowhere else.

/// One line for each of the eight. A question mark is a line that you have not decided on.
pub fn prediction() -> [&'static str; 8] {
    // ANCHOR: mistake
    [
        "does not compile",
        "does not compile",
        "does not compile",
        "does not compile",
        "compiles",
        "does not compile",
        "compiles",
        "does not compile",
    ]
    // ANCHOR_END: mistake
}
