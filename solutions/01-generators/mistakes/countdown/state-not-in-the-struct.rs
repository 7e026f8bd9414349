//! Keeps the number in a static variable, as a C function would.
//!
//! The simplest generator there is: an iterator that remembers one number.

use std::sync::atomic::{AtomicU32, Ordering};

static LEFT: AtomicU32 = AtomicU32::new(0);

/// Counts down from a number to 1, and then ends.
///
/// Nothing is counted until somebody asks: a countdown from four billion costs as much as one from
/// three.
pub struct Countdown {
    start: u32,
}

impl Countdown {
    /// A countdown whose first number is `start`. From 0 there is nothing to count.
    pub fn from(start: u32) -> Countdown {
        LEFT.store(start, Ordering::Relaxed);
        Countdown { start }
    }
}

impl Iterator for Countdown {
    type Item = u32;

    /// The next number, or `None` once 1 has been given, and `None` again however often it is asked
    /// after that.
    fn next(&mut self) -> Option<u32> {
        // ANCHOR: mistake
        let number = LEFT.load(Ordering::Relaxed);
        if number == 0 {
            return None;
        }
        LEFT.store(number - 1, Ordering::Relaxed);
        Some(number)
        // ANCHOR_END: mistake
    }
}
