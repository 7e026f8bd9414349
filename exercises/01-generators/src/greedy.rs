//! A measurement. On a [`RoundRobin`](generators::round_robin::RoundRobin), three polite tasks do
//! 10 units of work in each of their turns, and a greedy one does as many as you say. This prints
//! how long a polite task waits between two of its turns:
//!
//! ```text
//! cargo run -q --bin ch01-measure-greedy -- 500
//! ```
//!
//! How much may the greedy task do in one turn, if no task may wait for more than 1,000 units?
//! Measure first, then say why.

/// What makes a polite task wait, in four words of which one is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// The trampoline ends a turn when its time is used up, and the greedy task has more time in
    /// each.
    TurnsAreTimeSlices,
    /// A turn ends when the task yields, and nothing else can end it.
    OnlyTheTaskEndsItsTurn,
    /// The trampoline resumes the greedy task more often than the others.
    TheGreedyTaskGetsMoreTurns,
    /// The queue gets longer while the greedy task works.
    TheQueueGrows,
}

/// The largest number of units that the greedy task may do in one turn.
pub fn largest_batch() -> u64 {
    todo!("measure it")
}

/// Why a polite task waits longer, the more the greedy one does.
pub fn because() -> Because {
    todo!("choose one of the four")
}
