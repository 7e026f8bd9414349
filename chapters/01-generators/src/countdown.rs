//! The simplest generator there is: an iterator that remembers one number.

/// Counts down from a number to 1, and then ends.
///
/// Nothing is counted before the caller asks: a countdown from four billion costs as much as one from
/// three.
// ANCHOR: body
pub struct Countdown {
    // YOURS
    left: u32,
    // STUB: // What has to be remembered between one number and the next?
    // YOURS_END
}

impl Countdown {
    /// A countdown whose first number is `start`. From 0 there is nothing to count.
    pub fn from(start: u32) -> Countdown {
        // YOURS
        Countdown { left: start }
        // STUB: todo!("remember where to start")
        // YOURS_END
    }
}

impl Iterator for Countdown {
    type Item = u32;

    /// The next number, or `None` once 1 has been given, and `None` again however often it is asked
    /// after that.
    fn next(&mut self) -> Option<u32> {
        // YOURS
        let number = self.left;
        self.left = number.checked_sub(1)?;
        Some(number)
        // STUB: todo!("give the next number, or None after 1")
        // YOURS_END
    }
}
// ANCHOR_END: body
