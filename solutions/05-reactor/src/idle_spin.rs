//! A measurement. A client has connected to a server and sends nothing. The server waits for it with
//! epoll, Linux's list of sources, in three ways. This program counts how often each wait returns
//! in a tenth of a second:
//!
//! ```text
//! cargo run -q --release -p chapter-05-reactor --example ch05-measure-idle
//! ```
//!
//! Run it a few times. Then say how often the worst of the three wakes up in one *second*: a range
//! and a reason. (Without epoll the program says so, and prints the figures of another machine.)

use std::ops::RangeInclusive;

/// What one run of the program prints: wake-ups in a tenth of a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Level-triggered, asked for reading and writing.
    pub level_both: u64,
    /// Level-triggered, asked for reading.
    pub level_read: u64,
    /// Edge-triggered, asked for reading and writing.
    pub edge_both: u64,
}

/// Why one of them wakes up so often, in four sentences of which one is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// The client's system sends empty packets to keep the connection alive, and each wakes the
    /// server.
    ThePeerKeepsItAlive,
    /// A wait for two things has to look at both again and again.
    TwoAreOneTooMany,
    /// There is room to write, and the server writes nothing: each wait returns at once with that
    /// event.
    ThereIsAlwaysRoom,
    /// The system cuts a long wait into short ones.
    WaitsAreCutShort,
}

/// The figures of one of your runs.
pub fn measured() -> Measured {
    // YOURS
    Measured {
        level_both: 89_404,
        level_read: 0,
        edge_both: 1,
    }
    // STUB: todo!("run it, and copy the three figures")
    // YOURS_END
}

/// The range of wake-ups in one second for the way that wakes up most often. It holds for the run
/// above and for the others that you saw. Its end is at most ten times its beginning.
pub fn wake_ups_a_second() -> RangeInclusive<u64> {
    // YOURS
    200_000..=2_000_000
    // STUB: todo!("ten tenths, and some room on both sides")
    // YOURS_END
}

/// Why.
pub fn because() -> Because {
    // YOURS
    Because::ThereIsAlwaysRoom
    // STUB: todo!("choose one of the four")
    // YOURS_END
}
