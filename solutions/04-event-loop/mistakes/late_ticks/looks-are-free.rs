//! Takes a look for events for something that costs nothing.
//!
//! A measurement. On a loop with a clock of its own, a greedy task never runs out of items: it does
//! so many of them, each of which takes 20 µs, and then lets the others have a turn with
//! `yield_now`. Another task wants to tick once a millisecond. The loop takes 6 µs in each turn to
//! ask the operating system for events. This prints how late the ticks are, and how much of the time
//! goes into items:
//!
//! ```text
//! cargo run -q --bin ch04-measure-greedy -- 1 10 100
//! ```
//!
//! With 100 the greedy task's poll alone is longer than a period: the ticks never catch up, and the
//! figure only says how long was measured.
//!
//! No tick may be more than 500 µs late, and at least 95 % of the time should be work. How many items
//! may the greedy task do in a poll? Measure first, then say what makes a tick late.

use std::ops::RangeInclusive;

/// What a tick waits for after its time has come, in four sentences of which one is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// For the poll that is under way when the time comes, and for nothing else.
    ThePollUnderWay,
    /// For the poll that is under way, and then for those that stand in the queue before it.
    ThePollUnderWayAndTheQueue,
    /// For a moment at which nothing is ready: before that the loop does not look at its timers.
    AnEmptyQueue,
    /// For several polls of the greedy task, because that one is polled more often than the others.
    TheGreedyTasksManyPolls,
}

/// All numbers of items with which both conditions hold: from the smallest to the largest.
pub fn batches() -> RangeInclusive<u32> {
    // ANCHOR: mistake
    1..=12
    // ANCHOR_END: mistake
}

/// What makes a tick late.
pub fn because() -> Because {
    Because::ThePollUnderWayAndTheQueue
}
