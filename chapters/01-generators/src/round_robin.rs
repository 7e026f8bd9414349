//! A trampoline: several generators that take turns. Cooperative multitasking with nothing else.

// YOURS
use std::collections::VecDeque;

// YOURS_END
use generators::{Generator, Step};

// ANCHOR: given
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
// ANCHOR_END: given

/// Resumes its tasks one after the other, one resume a turn. The task that has waited longest comes next.
// ANCHOR: fields
pub struct RoundRobin<Yield, Return> {
    // YOURS
    waiting: VecDeque<(usize, Task<Yield, Return>)>,
    spawned: usize,
    // STUB: // Which tasks wait, in which order? Which number comes next?
    // STUB: tasks: Vec<Task<Yield, Return>>, // Yours to replace.
    // YOURS_END
}
// ANCHOR_END: fields

impl<Yield, Return> RoundRobin<Yield, Return> {
    /// A trampoline without tasks.
    pub fn new() -> RoundRobin<Yield, Return> {
        // YOURS
        RoundRobin {
            waiting: VecDeque::new(),
            spawned: 0,
        }
        // STUB: todo!("no task waits yet")
        // YOURS_END
    }

    /// Adds a task, behind those that wait already, and returns its number: 0 for the first, 1 for
    /// the second, and so on. It is not resumed here.
    // ANCHOR: spawn
    pub fn spawn(&mut self, task: Task<Yield, Return>) -> usize {
        // YOURS
        let number = self.spawned;
        self.spawned += 1;
        self.waiting.push_back((number, task));
        number
        // STUB: todo!("put it in the queue, and give it a number")
        // YOURS_END
    }
    // ANCHOR_END: spawn

    /// Resumes the task that has waited longest, once, and says what came of it; `None` when there
    /// is no task left.
    ///
    /// A task that yields goes to the back of the queue. One that completes is dropped before this
    /// returns.
    // ANCHOR: turn
    pub fn turn(&mut self) -> Option<Turn<Yield, Return>> {
        // YOURS
        let (number, mut task) = self.waiting.pop_front()?;
        Some(match task.resume(()) {
            Step::Yielded(value) => {
                self.waiting.push_back((number, task));
                Turn::Yielded {
                    task: number,
                    value,
                }
            }
            Step::Complete(result) => Turn::Finished {
                task: number,
                result,
            },
        })
        // STUB: todo!("resume the task that has waited longest")
        // YOURS_END
    }
    // ANCHOR_END: turn
}

impl<Yield, Return> Default for RoundRobin<Yield, Return> {
    fn default() -> Self {
        RoundRobin::new()
    }
}
