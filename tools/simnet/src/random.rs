//! Random numbers that are the same on every machine.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Random numbers from a seed: splitmix64. Integers alone, so each machine computes the same ones.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The sequence of this seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Random {
        Random { state: seed }
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `0` to `limit - 1`; 0 if `limit` is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.number().checked_rem(limit).unwrap_or(0)
    }

    /// A size in this range.
    pub fn size(&mut self, range: RangeInclusive<usize>) -> usize {
        let more = range.end().saturating_sub(*range.start()) as u64;
        // No larger than a usize, because the range's end is one.
        range.start() + self.below(more + 1) as usize
    }

    /// Whether something happens that happens `per_mille` times in a thousand. A chance of 0 draws no number.
    pub fn chance(&mut self, per_mille: u16) -> bool {
        per_mille > 0 && self.below(1_000) < u64::from(per_mille)
    }

    /// A duration in this range, in whole microseconds.
    pub fn duration(&mut self, range: &RangeInclusive<Duration>) -> Duration {
        let more = range.end().saturating_sub(*range.start()).as_micros();
        let more = u64::try_from(more).unwrap_or(u64::MAX - 1);
        *range.start() + Duration::from_micros(self.below(more + 1))
    }
}
