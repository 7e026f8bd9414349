//! Every short run of a task that can be cancelled: the alphabet, and the machine that carries it out.
//!
//! The machine knows a task only as [`AnyTask`], so a check makes it twice: on the learner's type and on the reference. The loop is a
//! small one of its own, [`ManualLoop`], which polls what was woken until nothing is.
//!
//! What it compares: the outcome of each call; whether the future is still there; what its destructors saw of the task; whether the
//! latest joiner was woken once the task had finished, and not before the destructors had run; what the loop keeps and what it was
//! told. How often a joiner is woken is not compared.

mod future;
mod known;
mod machine;
mod steps;
mod world;

use std::rc::Rc;
use std::task::{Context, Poll};

use event_loop::Spawn;

pub use future::{Scripted, Value};
pub use known::KNOWN;
pub use machine::TaskMachine;
pub use steps::{ALPHABET, Act, Destructors, TaskStep, Then};

/// What the machine needs of a task.
pub trait AnyTask: Sized + Unpin + 'static {
    /// Spawns this future.
    fn spawn(spawn: &Rc<dyn Spawn>, future: Scripted) -> Self;
    /// Polls the task as a joiner.
    fn join(&mut self, context: &mut Context<'_>) -> Poll<End>;
    /// `Task::cancel`.
    fn cancel(&self) -> bool;
    /// `Task::is_over`.
    fn is_over(&self) -> bool;
    /// `Task::detach`.
    fn detach(self);
    /// Cancels from another thread: calls the task's canceller.
    fn canceller(&self) -> Box<dyn Fn()>;
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With its output.
    Output,
    /// Cancelled.
    Cancelled,
    /// With a panic.
    Panicked,
}
