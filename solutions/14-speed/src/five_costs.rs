//! A measurement. This program prints what five things cost, each a thousand times, on the loop of
//! chapter 04:
//!
//! ```text
//! cargo run -q --release --bin ch14-1-five-costs
//! ```
//!
//! A model of a server's request is made of three awaits that are ready, one wake with its poll, one timer that
//! is set and dropped, and three system calls. Its connection was spawned once, for a hundred requests.
//! Measure, and say where the time of this model goes.

use std::ops::RangeInclusive;

use speed::costs::Thing;

/// The figures of one of your runs, as the program prints them: nanoseconds for a thousand of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    /// An await that is ready.
    pub ready_await: u64,
    /// A wake and its poll.
    pub wake: u64,
    /// Spawn, poll and join.
    pub spawn: u64,
    /// A timer, set and dropped.
    pub timer: u64,
    /// A system call.
    pub system_call: u64,
}

/// How often the loop polls its driver (calls [`Driver::park`](event_loop::Driver::park), with or
/// without a time to sleep). With the reactor of chapter 05 as its driver each of them is a system call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DriverPolls {
    /// While a task sets a thousand timers and drops each, within one poll.
    pub timers: u32,
    /// While a task wakes itself and returns `Pending`, a thousand times.
    pub wakes: u32,
}

/// The figures.
pub fn costs() -> Costs {
    // YOURS
    Costs {
        ready_await: 2_081,
        wake: 39_746,
        spawn: 251_571,
        timer: 79_192,
        system_call: 127_375,
    }
    // STUB: todo!("run it, and copy the five figures")
    // YOURS_END
}

/// Which of the five takes the most time of a request.
pub fn largest() -> Thing {
    // YOURS
    Thing::SystemCall
    // STUB: todo!("multiply and compare")
    // YOURS_END
}

/// The share of the system calls in the time of a request, in percent: a range that holds it in the run
/// above and in your other runs. At most 20 wide.
pub fn percent() -> RangeInclusive<u64> {
    // YOURS
    68..=80
    // STUB: todo!("divide, and leave a little room")
    // YOURS_END
}

/// How often the loop polls its driver. Two more or two less are as good.
pub fn driver_polls() -> DriverPolls {
    // YOURS
    DriverPolls {
        timers: 0,
        wakes: 1_000,
    }
    // STUB: todo!("think of an iteration of the loop: what does it do once?")
    // YOURS_END
}
