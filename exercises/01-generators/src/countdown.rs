//! The simplest generator there is: an iterator that remembers one number.

/// Counts down from a number to 1, and then ends.
///
/// Nothing is counted before the caller asks: a countdown from four billion costs as much as one from
/// three.
pub struct Countdown {
    // What has to be remembered between one number and the next?
}

impl Countdown {
    /// A countdown whose first number is `start`. From 0 there is nothing to count.
    pub fn from(start: u32) -> Countdown {
        todo!("remember where to start")
    }
}

impl Iterator for Countdown {
    type Item = u32;

    /// The next number, or `None` once 1 has been given, and `None` again however often it is asked
    /// after that.
    fn next(&mut self) -> Option<u32> {
        todo!("give the next number, or None after 1")
    }
}
