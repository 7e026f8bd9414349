//! A prediction. One task is added to a [`ReadyList`](wakers::ready_list::ReadyList). It completes
//! at its third poll; at the two before it says Pending, and wakes nobody. Its waker is called by
//! somebody else:
//!
//! ```text
//! the task is added
//! its waker is called twice
//! run                            how many polls?
//! its waker is called three times
//! run                            how many polls?
//! nothing at all
//! run                            how many polls?
//! its waker is called once
//! run                            how many polls?   (it completes)
//! its waker is called once
//! run                            how many polls?
//! ```
//!
//! Write the five numbers before you run anything.

/// The number of polls in each of the five runs. A question mark is a number that you have not
/// decided on.
pub fn prediction() -> [&'static str; 5] {
    // YOURS
    ["1", "1", "0", "1", "0"]
    // STUB: ["?", "?", "?", "?", "?"]
    // YOURS_END
}
