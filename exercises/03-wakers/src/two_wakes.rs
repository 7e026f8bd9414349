//! A prediction. One task is added to a [`ReadyList`](wakers::ready_list::ReadyList). Its first two
//! polls return Pending and wake no task. Its third poll completes. This program adds it, and calls
//! its waker and `run`:
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

/// The number of polls in each of the five runs. A question mark is a number that you have not filled
/// in.
pub fn prediction() -> [&'static str; 5] {
    ["?", "?", "?", "?", "?"]
}
