//! Threads of the model. Time does not pass in it, so a sleep for a time returns at once.

use std::time::Duration;

pub use shuttle::thread::*;

use crate::sleep::{Sleep, note};

/// [`std::thread::park`]. It may return for nothing while another thread can go on.
pub fn park() {
    shuttle::thread::park();
    note(Sleep::Parked);
}

/// [`std::thread::park_timeout`]: the time is always over, and a token stays where it is.
pub fn park_timeout(_: Duration) {
    yield_now();
    note(Sleep::ForATime);
}

/// [`std::thread::sleep`].
pub fn sleep(_: Duration) {
    yield_now();
    note(Sleep::ForATime);
}
