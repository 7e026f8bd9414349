//! A measurement. A client has connected to a server, and says nothing. The server waits for it:
//! with epoll, Linux's list of sources, in three ways. This counts how often the waiting ends
//! within a tenth of a second:
//!
//! ```text
//! cargo run -q --release -p chapter-05-reactor --example ch05-measure-idle
//! ```
//!
//! Run it a few times. Then say how often in a *second* the worst of the three wakes up, between
//! which two numbers that lies, and why. (Where there is no epoll, it says so, and prints the
//! figures of another machine.)

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
    /// Waiting for two things at once cannot be done without looking at them again and again.
    TwoAreOneTooMany,
    /// There is room to write, and there will be until somebody writes: each wait is told so at
    /// once.
    ThereIsAlwaysRoom,
    /// A wait that has no end is cut into short ones by the system.
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

/// The number of wake-ups in a second of the one that wakes up most often lies in this range: in
/// the run above, and in the others that you have seen. It may end at ten times its beginning at
/// the most.
pub fn wake_ups_a_second() -> RangeInclusive<u64> {
    // YOURS
    200_000..=2_000_000
    // STUB: todo!("multiply, and leave a little room")
    // YOURS_END
}

/// Why.
pub fn because() -> Because {
    // YOURS
    Because::ThereIsAlwaysRoom
    // STUB: todo!("choose one of the four")
    // YOURS_END
}
