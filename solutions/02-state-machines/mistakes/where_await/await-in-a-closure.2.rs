//! Expects a `const` inside an `async fn` to belong to it, like a closure.

/// One line for each of the eight. A question mark is a line that you have not decided on.
pub fn prediction() -> [&'static str; 8] {
    // ANCHOR: mistake
    [
        "does not compile",
        "compiles",
        "compiles",
        "compiles",
        "compiles",
        "does not compile",
        "compiles",
        "compiles",
    ]
    // ANCHOR_END: mistake
}
