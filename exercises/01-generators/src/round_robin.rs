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

/// Resumes its tasks one after the other, one resume a turn. The task that has waited longest comes next.
pub struct RoundRobin<Yield, Return> {
    // Which tasks wait, in which order? Which number comes next?
    tasks: Vec<Task<Yield, Return>>, // Yours to replace.
}

impl<Yield, Return> RoundRobin<Yield, Return> {
    /// A trampoline without tasks.
    pub fn new() -> RoundRobin<Yield, Return> {
        todo!("no task waits yet")
    }

    /// Adds a task, behind those that wait already, and returns its number: 0 for the first, 1 for
    /// the second, and so on. It is not resumed here.
    pub fn spawn(&mut self, task: Task<Yield, Return>) -> usize {
        todo!("put it in the queue, and give it a number")
    }

    /// Resumes the task that has waited longest, once, and says what came of it; `None` when there
    /// is no task left.
    ///
    /// A task that yields goes to the back of the queue. One that completes is dropped before this
    /// returns.
    pub fn turn(&mut self) -> Option<Turn<Yield, Return>> {
        todo!("resume the task that has waited longest")
    }
}

impl<Yield, Return> Default for RoundRobin<Yield, Return> {
    fn default() -> Self {
        RoundRobin::new()
    }
}
