//! Three tasks on one thread, and what a greedy one does to them.

use generators::round_robin::{RoundRobin, Turn};
use generators::work::longest_wait;
use generators::{Generator, Step};

// ANCHOR: task
/// A task that does its work in several steps, and pauses after each.
struct Steps {
    name: &'static str,
    done: u32,
    total: u32,
}

impl Generator for Steps {
    type Yield = String;
    type Return = String;

    fn resume(&mut self, (): ()) -> Step<String, String> {
        if self.done == self.total {
            return Step::Complete(format!("{} is done", self.name));
        }
        self.done += 1;
        Step::Yielded(format!(
            "{} did step {} of {}",
            self.name, self.done, self.total
        ))
    }
}
// ANCHOR_END: task

fn main() {
    closed_output::end_quietly();
    // ANCHOR: turns
    let mut tasks = RoundRobin::new();
    for (name, total) in [("wash", 2), ("cook", 3), ("ring", 1)] {
        tasks.spawn(Box::new(Steps {
            name,
            done: 0,
            total,
        }));
    }
    while let Some(turn) = tasks.turn() {
        match turn {
            Turn::Yielded { task, value } => println!("task {task}: {value}"),
            Turn::Finished { task, result } => println!("task {task}: {result}, and gone"),
        }
    }
    // ANCHOR_END: turns

    println!();
    // ANCHOR: greedy
    for batch in [10, 100, 10_000] {
        let wait = longest_wait(batch);
        println!("one task does {batch:>6} units a turn: the others wait for {wait:>6}");
    }
    // ANCHOR_END: greedy
}
