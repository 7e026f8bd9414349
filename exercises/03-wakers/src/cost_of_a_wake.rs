//! A measurement. This program prints the time of a wake and the poll that follows it on the same
//! thread. Then it prints the time of a round trip between two threads, each of which sleeps until
//! the other wakes it:
//!
//! ```text
//! cargo run -q --release --bin ch03-measure-wake
//! ```
//!
//! Run it a few times. How many wakes take as long as one round trip? Divide, and give a range that
//! holds the quotients. Then choose the reason for the difference.

use std::ops::RangeInclusive;

/// The two figures of one run of the program, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// A wake, and the poll that follows it on the same thread.
    pub wake: u64,
    /// A round trip between two threads that sleep in between.
    pub round_trip: u64,
}

/// Why the round trip takes so much longer. One of the four reasons is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// Each time, memory is allocated for the waker.
    WakersAreAllocated,
    /// Each time, a lock is taken, and a lock takes that long.
    LocksAreSlow,
    /// Twice, the operating system has to put a thread to sleep and wake another.
    TheSystemSwitchesThreads,
    /// The value is copied from the memory of one thread to that of the other.
    ValuesAreCopied,
}

/// The figures of one of your runs.
pub fn measured() -> Measured {
    todo!("run it, and copy the two figures")
}

/// A range that holds the number of wakes that take as long as one round trip: in the run above, and
/// in your other runs. Its end may be at most ten times its start.
pub fn wakes_in_a_round_trip() -> RangeInclusive<u64> {
    todo!("divide, and leave a little room")
}

/// The reason.
pub fn because() -> Because {
    todo!("choose one of the four")
}
