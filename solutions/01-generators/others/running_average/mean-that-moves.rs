//! Keeps no sum: the average itself moves towards each sample, by less each time.

use std::convert::Infallible;

use generators::{Generator, Step};

#[derive(Default)]
pub struct RunningAverage {
    mean: f64,
    seen: f64,
}

impl RunningAverage {
    pub fn new() -> RunningAverage {
        RunningAverage {
            mean: 0.0,
            seen: 0.0,
        }
    }
}

impl Generator<f64> for RunningAverage {
    type Yield = f64;
    type Return = Infallible;

    fn resume(&mut self, sample: f64) -> Step<f64, Infallible> {
        self.seen += 1.0;
        self.mean += (sample - self.mean) / self.seen;
        Step::Yielded(self.mean)
    }
}
