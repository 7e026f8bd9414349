//! Expects the loser to come to its end before it goes.

/// The first three lines that are printed from the second poll on. A question mark is a line that
/// you have not decided on.
pub fn prediction() -> [&'static str; 3] {
    // ANCHOR: mistake
    ["quick: ends", "slow: ends", "guard: gone"]
    // ANCHOR_END: mistake
}
