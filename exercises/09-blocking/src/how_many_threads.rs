//! A measurement. Every 100 ms six requests arrive at once, and each makes one call that blocks: for 20,
//! 70, 30, 60, 40 and 50 ms. A task of the loop ticks every 10 ms. On a simulated clock, this prints how late
//! the latest tick is, and how long a request waits until its call begins, if the loop's own thread makes the
//! calls, and if a pool makes them, for each of these numbers of threads:
//!
//! ```text
//! cargo run -q --bin ch09-measure-pool -- 1 2 3
//! ```
//!
//! How many threads does this load need? Measure, then say why two are too few.

/// What happens with two threads: four sentences, of which one is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// The call of 70 ms holds up one thread, and each burst brings another such call.
    TheLongestCall,
    /// The loop is late, so that it submits the requests too late.
    TheLoopIsLate,
    /// A burst brings more work than the threads can do until the next one, so the queue grows.
    MoreWorkThanTime,
    /// The threads are switched more often than they work.
    Switches,
}

/// The smallest number of threads with which the queue does not grow from burst to burst.
pub fn keeps_up() -> usize {
    todo!("measure it")
}

/// The smallest number of threads with which no request waits longer than 50 ms.
pub fn within_50_ms() -> usize {
    todo!("measure it")
}

/// Why two threads are too few.
pub fn because() -> Because {
    todo!("choose one of the four")
}
