//! Expects each `.await` to pause.

/// What the call, the first poll and the second poll print. A question mark is a line that you have
/// not decided on.
pub fn prediction() -> [&'static str; 3] {
    // ANCHOR: mistake
    ["nothing", "A", "B"]
    // ANCHOR_END: mistake
}
