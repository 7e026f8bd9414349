//! Expects a trait to have no `async fn`.

/// One line for each of the eight. A question mark is a line that you have not decided on.
pub fn prediction() -> [&'static str; 8] {
    // ANCHOR: mistake
    [
        "does not compile",
        "compiles",
        "does not compile",
        "compiles",
        "does not compile",
        "does not compile",
        "compiles",
        "does not compile",
    ]
    // ANCHOR_END: mistake
}
