//! A measurement. An observer is called for each step of the loop, and while it measures, the loop reads
//! the driver's clock for it. This prints how often, for one task from its spawn to its end, and for one
//! iteration with a number of tasks, each of which wakes itself:
//!
//! ```text
//! cargo run -q --bin ch12-measure-observer -- 1 10 100
//! ```
//!
//! Count the methods that are called about a poll or about a task: those that name the task. The others are
//! called once an iteration, however many tasks there are.

/// Why debug mode costs nothing where it is off: four sentences, of which one is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// Before each call the loop tests a flag, and the processor predicts the branch.
    ABranchThatIsPredicted,
    /// The observer's type is then `()`, so the compiler knows that the calls do nothing.
    TheTypeHasNoCalls,
    /// The loop calls the observer through a pointer, and the function behind it returns at once.
    AnEmptyFunctionBehindAPointer,
    /// The calls are made once an iteration and not once a poll.
    TheyAreRare,
}

/// How many calls an observer gets for one poll of a task that wakes itself in that poll.
pub fn calls_a_poll() -> u64 {
    // YOURS
    5
    // STUB: todo!("measure it")
    // YOURS_END
}

/// How many calls it gets about one task that completes in its first poll, from its spawn to its end.
pub fn calls_a_task() -> u64 {
    // YOURS
    8
    // STUB: todo!("measure it")
    // YOURS_END
}

/// How often the loop reads the clock in an iteration in which `tasks` tasks are polled. Any number may be
/// asked for.
pub fn clock_readings(tasks: u64) -> u64 {
    // YOURS
    tasks + 2
    // STUB: todo!("measure it, and find the rule")
    // YOURS_END
}

/// Why a loop that is not in debug mode pays nothing for it.
pub fn because() -> Because {
    // YOURS
    Because::TheTypeHasNoCalls
    // STUB: todo!("choose one of the four")
    // YOURS_END
}
