//! A generator that is told something each time it is resumed.

use std::convert::Infallible;

use generators::{Generator, Step};

/// Yields the average of all samples that it has been sent, exact to nine digits: sums may be added
/// up in any order.
///
/// The first value sent is the first sample already: this generator has something to answer from
/// the very start. It never completes, and its type says so: no code can make a value of type
/// [`Infallible`].
#[derive(Default)]
pub struct RunningAverage {
    // What has to be remembered between two samples?
}

impl RunningAverage {
    /// One that has seen no sample.
    pub fn new() -> RunningAverage {
        RunningAverage::default()
    }
}

impl Generator<f64> for RunningAverage {
    type Yield = f64;
    type Return = Infallible;

    /// Takes a sample, and yields the average of this one and all before it.
    fn resume(&mut self, sample: f64) -> Step<f64, Infallible> {
        todo!("take `sample` in, and yield the average")
    }
}
