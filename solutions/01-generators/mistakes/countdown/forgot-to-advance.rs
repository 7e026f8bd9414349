//! Writes the loop of a Python generator, with `return` where Python says `yield`.
//!
//! The simplest generator there is: an iterator that remembers one number.

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
        Countdown { start }
    }
}

impl Iterator for Countdown {
    type Item = u32;

    /// The next number, or `None` once 1 has been given, and `None` again however often it is asked
    /// after that.
    fn next(&mut self) -> Option<u32> {
        // ANCHOR: mistake
        for number in (1..=self.start).rev() {
            return Some(number);
        }
        None
        // ANCHOR_END: mistake
    }
}
