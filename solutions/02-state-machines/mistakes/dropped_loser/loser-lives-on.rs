//! Expects the loser to live as long as the race.

/// The first three lines that are printed from the second poll on. A question mark is a line that
/// you have not decided on.
pub fn prediction() -> [&'static str; 3] {
    // ANCHOR: mistake
    ["quick: ends", "caller: has a winner", "guard: gone"]
    // ANCHOR_END: mistake
}
