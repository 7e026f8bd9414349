//! The faster loop beside chapter 04's: every combination of its steps does the same, except for the LIFO
//! slot, whose order is its own.
//!
//! `.ci/fast` runs the tests and programs of chapters 04 to 12 on it.

mod order;
mod threads;
mod wakers;

use speed::Steps;

/// Every combination of the steps that keep chapter 04's order.
fn all_steps() -> impl Iterator<Item = Steps> {
    (0..8_u8).map(|bits| Steps {
        queue: bits & 1 != 0,
        counts: bits & 2 != 0,
        reuse: bits & 4 != 0,
        lifo: false,
    })
}
