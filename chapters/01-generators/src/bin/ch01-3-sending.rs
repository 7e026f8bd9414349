//! A conversation: each call brings a sample in and an average out.

use generators::running_average::RunningAverage;
use generators::{Generator, Step};

fn main() {
    closed_output::end_quietly();
    // ANCHOR: caller
    let mut average = RunningAverage::new();
    for sample in [10.0, 20.0, 60.0, 2.0] {
        let Step::Yielded(so_far) = average.resume(sample);
        println!("sent {sample:>4.1}   the average is now {so_far:>4.1}");
    }
    // ANCHOR_END: caller
}
