//! A measurement. On a loop with a simulated clock, a greedy task never runs out of items. In each
//! poll it does a fixed number of them, 20 µs each, and then calls `yield_now`. Another task ticks
//! once a millisecond. In each iteration the loop takes 6 µs to poll the operating system for events.
//! This prints how late the ticks are, and which part of the time goes into items:
//!
//! ```text
//! cargo run -q --bin ch04-measure-greedy -- 1 10 100
//! ```
//!
//! With 100 the greedy task's poll alone is longer than a period. The ticks never catch up, and their
//! figure only says how long the instrument measured.
//!
//! No tick may be more than 500 µs late, and at least 95 % of the time must be work. How many items
//! may the greedy task do in a poll? Measure first, then say what makes a tick late.

use std::ops::RangeInclusive;

/// What a tick waits for after it is due: four sentences, of which one is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// For the poll that is in progress when the tick is due, and for nothing else.
    ThePollUnderWay,
    /// For the poll that is in progress, and then for the polls of the tasks before it in the queue.
    ThePollUnderWayAndTheQueue,
    /// For a moment at which no task is ready: the loop does not fire timers before that.
    AnEmptyQueue,
    /// For several polls of the greedy task, because the loop polls it more often than the others.
    TheGreedyTasksManyPolls,
}

/// All numbers of items for which both conditions hold, from the smallest to the largest.
pub fn batches() -> RangeInclusive<u32> {
    todo!("measure it")
}

/// What makes a tick late.
pub fn because() -> Because {
    todo!("choose one of the four")
}
