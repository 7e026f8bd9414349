//! Reads the figures as if a round trip cost about as much as a wake.
//!
//! A measurement. This prints what it takes to wake a task and to poll it on the same thread, and
//! what it takes two threads, each of which sleeps until the other wakes it, to hand something over
//! and back:
//!
//! ```text
//! cargo run -q --release --bin ch03-measure-wake
//! ```
//!
//! Run it a few times. How many wakes take as long as one round trip? Divide, and say between which
//! two numbers the answer lies. Then say why there is such a difference.

use std::ops::RangeInclusive;

/// What one run of the program prints, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// A wake, and the poll that follows it on the same thread.
    pub wake: u64,
    /// A round trip between two threads that sleep in between.
    pub round_trip: u64,
}

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

/// The figures of one of your runs.
pub fn measured() -> Measured {
    Measured {
        wake: 35,
        round_trip: 5309,
    }
}

/// The number of wakes that take as long as one round trip lies in this range: in the run above,
/// and in the others that you have seen. It may end at ten times its beginning at the most.
pub fn wakes_in_a_round_trip() -> RangeInclusive<u64> {
    // ANCHOR: mistake
    1..=4
    // ANCHOR_END: mistake
}

/// Why.
pub fn because() -> Because {
    Because::TheSystemSwitchesThreads
}
