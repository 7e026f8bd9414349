//! What can happen in a short run.

use std::borrow::Cow;

use probe::runs::Operation;

/// What the future does in its next poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Returns `Pending`.
    Waits,
    /// Returns `Ready`.
    Finishes,
    /// Panics.
    Panics,
    /// Cancels its own task, looks at it, joins it, and does this.
    CancelsAnd(Then),
    /// Drops its own handle, and does this.
    DropsItsHandleAnd(Then),
}

/// What follows in the same poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Returns `Pending`.
    Waits,
    /// Returns `Ready`.
    Finishes,
    /// Panics.
    Panics,
}

/// What the future's destructors do, besides looking at the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destructors {
    /// Nothing.
    Quiet,
    /// Cancel the task.
    Cancel,
    /// Panic.
    Panic,
    /// Join the task: poll it with the waker of B.
    Join,
    /// Drop the task's handle.
    DropTheHandle,
}

impl Destructors {
    /// All of them.
    pub const ALL: [Destructors; 5] = [
        Destructors::Quiet,
        Destructors::Panic,
        Destructors::Cancel,
        Destructors::Join,
        Destructors::DropTheHandle,
    ];
}

/// One step of a short run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskStep {
    /// The event happens for which the future waits, and the loop runs until nothing is woken.
    Turn(Act),
    /// Joiner A or B polls the task.
    Join(usize),
    /// The owner cancels.
    Cancel,
    /// Another thread cancels.
    CancelRemotely,
    /// The owner drops the handle.
    DropHandle,
    /// The owner detaches the task.
    Detach,
    /// The loop is closed.
    Close,
}

/// Every step of the alphabet.
pub const ALPHABET: [TaskStep; 16] = [
    TaskStep::Turn(Act::Waits),
    TaskStep::Turn(Act::Finishes),
    TaskStep::Turn(Act::Panics),
    TaskStep::Join(0),
    TaskStep::Join(1),
    TaskStep::Cancel,
    TaskStep::DropHandle,
    TaskStep::Detach,
    TaskStep::Turn(Act::CancelsAnd(Then::Waits)),
    TaskStep::Turn(Act::CancelsAnd(Then::Finishes)),
    TaskStep::Turn(Act::CancelsAnd(Then::Panics)),
    TaskStep::Turn(Act::DropsItsHandleAnd(Then::Waits)),
    TaskStep::Turn(Act::DropsItsHandleAnd(Then::Finishes)),
    TaskStep::Turn(Act::DropsItsHandleAnd(Then::Panics)),
    TaskStep::CancelRemotely,
    TaskStep::Close,
];

pub(super) const JOINERS: [&str; 2] = ["A", "B"];

impl Operation for TaskStep {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            TaskStep::Turn(_) | TaskStep::Close => "loop".into(),
            TaskStep::Join(joiner) => JOINERS[*joiner].into(),
            TaskStep::Cancel | TaskStep::DropHandle | TaskStep::Detach => "owner".into(),
            TaskStep::CancelRemotely => "another thread".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            TaskStep::Turn(act) => format!("runs; the future {}", act.in_words()).into(),
            TaskStep::Join(_) => "polls the task".into(),
            TaskStep::Cancel => "cancel()".into(),
            TaskStep::CancelRemotely => "canceller.cancel()".into(),
            TaskStep::DropHandle => "drops the handle".into(),
            TaskStep::Detach => "detach()".into(),
            TaskStep::Close => "is closed".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            TaskStep::Turn(act) => {
                format!("the loop ran, and the future {}", act.in_the_past()).into()
            }
            TaskStep::Join(joiner) => format!("{} polled the task", JOINERS[*joiner]).into(),
            TaskStep::Cancel => "the owner cancelled the task".into(),
            TaskStep::CancelRemotely => {
                "another thread cancelled the task through its canceller".into()
            }
            TaskStep::DropHandle => "the owner dropped the handle".into(),
            TaskStep::Detach => "the owner detached the task".into(),
            TaskStep::Close => "the loop was closed".into(),
        }
    }
}

impl Act {
    fn in_words(self) -> String {
        match self {
            Act::Waits => "returns Pending".to_owned(),
            Act::Finishes => "returns Ready".to_owned(),
            Act::Panics => "panics".to_owned(),
            Act::CancelsAnd(then) => format!("cancels its task, then {}", then.act().in_words()),
            Act::DropsItsHandleAnd(then) => {
                format!("drops its handle, then {}", then.act().in_words())
            }
        }
    }

    fn in_the_past(self) -> String {
        match self {
            Act::Waits => "returned `Pending`".to_owned(),
            Act::Finishes => "returned `Ready`".to_owned(),
            Act::Panics => "panicked".to_owned(),
            Act::CancelsAnd(then) => {
                format!("cancelled its own task and {}", then.act().in_the_past())
            }
            Act::DropsItsHandleAnd(then) => {
                format!("dropped its own handle and {}", then.act().in_the_past())
            }
        }
    }

    /// What the poll comes to.
    pub(super) fn last(self) -> Then {
        match self {
            Act::Waits => Then::Waits,
            Act::Finishes => Then::Finishes,
            Act::Panics => Then::Panics,
            Act::CancelsAnd(then) | Act::DropsItsHandleAnd(then) => then,
        }
    }
}

impl Then {
    fn act(self) -> Act {
        match self {
            Then::Waits => Act::Waits,
            Then::Finishes => Act::Finishes,
            Then::Panics => Act::Panics,
        }
    }
}
