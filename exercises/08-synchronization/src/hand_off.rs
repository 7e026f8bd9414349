//! A measurement. On a loop with a simulated clock, eight tasks share one lock. Each locks, waits 20 µs
//! for an answer with the lock in its hand, unlocks, and asks for the lock again at once. In each
//! iteration the loop takes 6 µs to poll the operating system for events. A task that asks while the lock
//! is free takes it, although others wait; but the task that has waited longest is overtaken a limited
//! number of times. After that, `unlock` hands the lock to it. This prints how often the lock is taken in
//! 100 ms, and the longest wait:
//!
//! ```text
//! cargo run -q --bin ch08-5-hand-over -- 0 1 10 unlimited
//! ```
//!
//! The lock has to be taken at least 4,700 times in 100 ms, and no task may wait longer than 1,200 µs. How
//! often may the first task be overtaken? Measure first, then say why a lock that is always handed over is
//! taken less often.

use std::ops::RangeInclusive;

/// Why the lock is taken less often if each `unlock` hands it over: four sentences, of which one is
/// right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// A lock that was handed over has an owner which has not been polled: nothing happens under the
    /// lock until the loop polls that task.
    TheOwnerIsNotPolledYet,
    /// More tasks are woken: each `unlock` wakes one, and a lock that is not handed over wakes none.
    MoreTasksAreWoken,
    /// The queue is longer, and each operation on it takes time.
    TheQueueIsLonger,
    /// Each task keeps the lock longer, because the others run meanwhile.
    TasksKeepItLonger,
}

/// All numbers of overtakings for which both conditions hold, from the smallest to the largest.
#[must_use]
pub fn overtakings() -> RangeInclusive<u32> {
    todo!("measure it")
}

/// Why a lock that is always handed over is taken less often.
#[must_use]
pub fn because() -> Because {
    todo!("choose one of the four")
}
