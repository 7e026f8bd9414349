//! Three tasks, each of which is run to its end before the next one begins.

use generators::work::{Clock, Worker};
use generators::{Generator, Step};

fn main() {
    closed_output::end_quietly();
    // ANCHOR: caller
    let clock = Clock::default();
    // Each of them does 10 units of work in each of 5 turns.
    let mut tasks = [
        Worker::new(&clock, 10, 5),
        Worker::new(&clock, 10, 5),
        Worker::new(&clock, 10, 5),
    ];
    for (number, task) in tasks.iter_mut().enumerate() {
        println!("task {number}: begins after  {:>3} units", clock.now());
        while let Step::Yielded(_) = task.resume(()) {}
        println!("task {number}: is done after {:>3} units", clock.now());
    }
    // ANCHOR_END: caller
}
