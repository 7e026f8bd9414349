//! No queue: each task has a ticket in a sorted map, and draws a new one when it yields.

use std::collections::BTreeMap;

use generators::{Generator, Step};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn<Yield, Return> {
    Yielded { task: usize, value: Yield },
    Finished { task: usize, result: Return },
}

pub type Task<Yield, Return> = Box<dyn Generator<Yield = Yield, Return = Return>>;

pub struct RoundRobin<Yield, Return> {
    waiting: BTreeMap<u64, (usize, Task<Yield, Return>)>,
    tickets: u64,
    tasks: usize,
}

impl<Yield, Return> RoundRobin<Yield, Return> {
    pub fn new() -> RoundRobin<Yield, Return> {
        RoundRobin {
            waiting: BTreeMap::new(),
            tickets: 0,
            tasks: 0,
        }
    }

    fn line_up(&mut self, number: usize, task: Task<Yield, Return>) {
        self.waiting.insert(self.tickets, (number, task));
        self.tickets += 1;
    }

    pub fn spawn(&mut self, task: Task<Yield, Return>) -> usize {
        let number = self.tasks;
        self.tasks += 1;
        self.line_up(number, task);
        number
    }

    pub fn turn(&mut self) -> Option<Turn<Yield, Return>> {
        let (_, (task, mut generator)) = self.waiting.pop_first()?;
        match generator.resume(()) {
            Step::Yielded(value) => {
                self.line_up(task, generator);
                Some(Turn::Yielded { task, value })
            }
            Step::Complete(result) => Some(Turn::Finished { task, result }),
        }
    }
}

impl<Yield, Return> Default for RoundRobin<Yield, Return> {
    fn default() -> Self {
        RoundRobin::new()
    }
}
