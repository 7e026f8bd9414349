//! A measurement. This prints what it takes to wake a task and to poll it on the same thread, and
//! what it takes two threads, each of which sleeps until the other wakes it, to hand something over
//! and back:
//!
//! ```text
//! cargo run -q --release --bin ch03-measure-wake
//! ```
//!
//! How many wakes take as long as one round trip? Run it a few times, and say between which two
//! numbers the answer lies. Then say why there is such a difference.

use std::ops::RangeInclusive;

/// What makes the round trip so much dearer, in four sentences of which one is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// Memory for the waker is allocated each time.
    WakersAreAllocated,
    /// A lock is taken each time, and a lock costs as much as that.
    LocksAreSlow,
    /// A thread has to be put to sleep and got up again, twice, and only the operating system can
    /// do that.
    TheSystemSwitchesThreads,
    /// The value has to be copied from one thread's memory to the other's.
    ValuesAreCopied,
}

/// The number of wakes that take as long as one round trip lies in this range. It may span a factor
/// of 100 at the most.
pub fn wakes_in_a_round_trip() -> RangeInclusive<u64> {
    // YOURS
    20..=1_000
    // STUB: todo!("measure it")
    // YOURS_END
}

/// Why.
pub fn because() -> Because {
    // YOURS
    Because::TheSystemSwitchesThreads
    // STUB: todo!("choose one of the four")
    // YOURS_END
}
