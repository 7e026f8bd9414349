//! Numbers a task by how many are waiting when it comes.
//!
//! A trampoline: several generators that take turns. Cooperative multitasking with nothing else.

use std::collections::VecDeque;

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
    waiting: VecDeque<(usize, Task<Yield, Return>)>,
}

impl<Yield, Return> RoundRobin<Yield, Return> {
    /// A trampoline without tasks.
    pub fn new() -> RoundRobin<Yield, Return> {
        RoundRobin {
            waiting: VecDeque::new(),
        }
    }

    /// Adds a task, behind those that wait already, and returns its number: 0 for the first, 1 for
    /// the second, and so on. It is not resumed here.
    pub fn spawn(&mut self, task: Task<Yield, Return>) -> usize {
        // ANCHOR: mistake
        let number = self.waiting.len();
        self.waiting.push_back((number, task));
        number
        // ANCHOR_END: mistake
    }

    /// Resumes the task that has waited longest, once, and says what came of it; `None` when there
    /// is no task left.
    ///
    /// A task that yields goes to the back of the queue. One that completes is dropped before this
    /// returns.
    pub fn turn(&mut self) -> Option<Turn<Yield, Return>> {
        let (number, mut task) = self.waiting.pop_front()?;
        match task.resume(()) {
            Step::Yielded(value) => {
                self.waiting.push_back((number, task));
                Some(Turn::Yielded {
                    task: number,
                    value,
                })
            }
            Step::Complete(result) => Some(Turn::Finished {
                task: number,
                result,
            }),
        }
    }
}

impl<Yield, Return> Default for RoundRobin<Yield, Return> {
    fn default() -> Self {
        RoundRobin::new()
    }
}
