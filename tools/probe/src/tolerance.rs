//! Comparing numbers: exact where they are exact, within a stated tolerance where they are not.
//!
//! The tolerance is part of the contract: the stub or the page says it, and the check uses the same one.

use std::fmt;

/// How close a number has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tolerance {
    /// The very same number. Two NaNs are the same.
    Exact,
    /// Away from the right number by at most this part of it, or by this much where that is less than 1: sums of floating-point
    /// numbers in another order differ by so little.
    Relative(f64),
    /// Away from the right number by at most so much.
    Absolute(f64),
}

impl Tolerance {
    /// Whether a number is close enough to the right one.
    #[must_use]
    pub fn accepts(self, number: f64, right: f64) -> bool {
        if number.to_bits() == right.to_bits()
            || number == right
            || (number.is_nan() && right.is_nan())
        {
            return true;
        }
        let away = (number - right).abs();
        match self {
            Tolerance::Exact => false,
            Tolerance::Relative(part) => away <= part * right.abs().max(1.0),
            Tolerance::Absolute(most) => away <= most,
        }
    }
}

/// As it follows a number in a sentence: `139.9 is expected, to within 0.000000001 of it`.
impl fmt::Display for Tolerance {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tolerance::Exact => out.write_str("exactly"),
            Tolerance::Relative(part) => write!(out, "to within {part} of it"),
            Tolerance::Absolute(most) => write!(out, "to within {most}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tolerance::{Absolute, Exact, Relative};

    #[test]
    fn a_sum_in_another_order_is_close_and_another_number_is_not() {
        let thirds = 2.0 / 3.0 + 2.0 / 3.0 + 2.0 / 3.0 - f64::EPSILON;
        assert!(Relative(1e-9).accepts(thirds, 2.0) && !Exact.accepts(thirds, 2.0));
        assert!(!Relative(1e-9).accepts(2.001, 2.0));
        assert!(
            Absolute(1.0).accepts(4_097.0, 4_096.0) && !Absolute(0.5).accepts(4_097.0, 4_096.0)
        );
    }

    #[test]
    fn what_is_no_number_is_close_to_no_number_only() {
        assert!(Relative(1e-9).accepts(f64::NAN, f64::NAN));
        assert!(!Relative(1e-9).accepts(f64::NAN, 1.0) && !Relative(1e-9).accepts(1.0, f64::NAN));
        assert!(Exact.accepts(0.0, -0.0) && Exact.accepts(f64::INFINITY, f64::INFINITY));
        assert!(
            !Relative(1e-9).accepts(f64::INFINITY, 1.0)
                && !Absolute(1.0).accepts(1.0, f64::INFINITY)
        );
    }
}
