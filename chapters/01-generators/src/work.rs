//! Work that can be counted, to see who waits for whom.

use std::cell::Cell;
use std::rc::Rc;

use crate::round_robin::RoundRobin;
use crate::{Generator, Step};

/// The units of work that all tasks of one trampoline have done. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    units: Rc<Cell<u64>>,
}

impl Clock {
    /// How much has been done so far.
    pub fn now(&self) -> u64 {
        self.units.get()
    }

    fn work(&self, units: u64) {
        self.units.set(self.units.get() + units);
    }
}

/// A task that does the same amount of work in each of its turns, and yields how long it had to
/// wait for the turn.
#[derive(Debug)]
pub struct Worker {
    clock: Clock,
    batch: u64,
    turns: u32,
    paused_at: u64,
}

impl Worker {
    /// A worker that does `batch` units of work in each of `turns` turns.
    pub fn new(clock: &Clock, batch: u64, turns: u32) -> Worker {
        let paused_at = clock.now();
        Worker {
            clock: clock.clone(),
            batch,
            turns,
            paused_at,
        }
    }
}

impl Generator for Worker {
    type Yield = u64;
    type Return = ();

    fn resume(&mut self, (): ()) -> Step<u64, ()> {
        let waited = self.clock.now() - self.paused_at;
        let Some(turns) = self.turns.checked_sub(1) else {
            return Step::Complete(());
        };
        self.turns = turns;
        self.clock.work(self.batch);
        self.paused_at = self.clock.now();
        Step::Yielded(waited)
    }
}

/// The longest time that a polite task waits for its next turn, in units of work, on a trampoline
/// with three polite tasks, which do 10 units in a turn, and a greedy one, which does
/// `greedy_batch`.
pub fn longest_wait(greedy_batch: u64) -> u64 {
    let clock = Clock::default();
    let mut tasks = RoundRobin::new();
    for _ in 0..3 {
        tasks.spawn(Box::new(Worker::new(&clock, 10, 5)));
    }
    let greedy = tasks.spawn(Box::new(Worker::new(&clock, greedy_batch, 5)));
    let turns = std::iter::from_fn(|| tasks.turn());
    let waits = turns.filter_map(|turn| match turn {
        crate::round_robin::Turn::Yielded { task, value } if task != greedy => Some(value),
        _ => None,
    });
    waits.max().unwrap_or(0)
}
