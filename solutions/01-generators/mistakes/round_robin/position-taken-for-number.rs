//! Gives the place in the list for the number of the task.
//!
//! A trampoline: several generators that take turns. Cooperative multitasking with nothing else.

use generators::{Generator, Step};

/// What came of one turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn<Yield, Return> {
    /// A task yielded, and will get another turn.
    Yielded {
        /// Which one: the number that [`RoundRobin::spawn`] gave it.
        task: usize,
        /// What it yielded.
        value: Yield,
    },
    /// A task completed. It is gone.
    Finished {
        /// Which one: the number that [`RoundRobin::spawn`] gave it.
        task: usize,
        /// What it completed with.
        result: Return,
    },
}

/// A generator whose own type is forgotten, so that different ones can wait in one queue.
pub type Task<Yield, Return> = Box<dyn Generator<Yield = Yield, Return = Return>>;

/// Resumes its tasks one after the other, one resume a turn: whoever has waited longest comes next.
pub struct RoundRobin<Yield, Return> {
    tasks: Vec<Task<Yield, Return>>,
    current: usize,
}

impl<Yield, Return> RoundRobin<Yield, Return> {
    /// A trampoline without tasks.
    pub fn new() -> RoundRobin<Yield, Return> {
        RoundRobin {
            tasks: Vec::new(),
            current: 0,
        }
    }

    /// Adds a task, behind those that wait already, and returns its number: 0 for the first, 1 for
    /// the second, and so on. It is not resumed here.
    pub fn spawn(&mut self, task: Task<Yield, Return>) -> usize {
        self.tasks.push(task);
        self.tasks.len() - 1
    }

    /// Resumes the task that has waited longest, once, and says what came of it; `None` when there
    /// is no task left.
    ///
    /// A task that yields goes to the back of the queue. One that completes is dropped before this
    /// returns.
    pub fn turn(&mut self) -> Option<Turn<Yield, Return>> {
        // ANCHOR: mistake
        if self.current >= self.tasks.len() {
            self.current = 0;
        }
        let index = self.current;
        match self.tasks.get_mut(index)?.resume(()) {
            Step::Yielded(value) => {
                self.current += 1;
                Some(Turn::Yielded { task: index, value })
            }
            Step::Complete(result) => {
                self.tasks.remove(index);
                Some(Turn::Finished {
                    task: index,
                    result,
                })
            }
        }
        // ANCHOR_END: mistake
    }
}

impl<Yield, Return> Default for RoundRobin<Yield, Return> {
    fn default() -> Self {
        RoundRobin::new()
    }
}
