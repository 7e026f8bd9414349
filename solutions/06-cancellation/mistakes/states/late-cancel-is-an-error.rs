//! Treats a cancellation that comes too late as a mistake in the program.
//!
//! The states of a future, and what each operation does in each of them.

use std::fmt;

/// Where a future stands that somebody else completes.
///
/// ```text
///              start              finish
///   Pending ──────────▶ Running ──────────▶ Done
///     │ │                                    ▲
///     │ └──────────────── finish ────────────┘
///     │
///     └───── cancel ─────▶ Cancelled
/// ```
///
/// Once it is done or cancelled, nothing changes it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State<T> {
    /// Nobody has begun to work on it.
    Pending,
    /// Somebody works on it, and will not be stopped by it.
    Running,
    /// It has its outcome: a value or an error.
    Done(T),
    /// Somebody has given it up before anybody began.
    Cancelled,
}

/// What one can do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation<T> {
    /// Whoever works on it says that he begins.
    Start,
    /// Whoever works on it brings the outcome.
    Finish(T),
    /// Somebody gives it up.
    Cancel,
    /// Somebody asks for the outcome, and will not wait.
    Ask,
    /// Somebody wants to be told.
    Tell,
}

/// What comes of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The state is another one now.
    Changed,
    /// Nothing has changed, and nothing is wrong: it is too late.
    TooLate,
    /// Whoever asks has to wait: there is no outcome yet.
    NotYet,
    /// The outcome is there, or never will be: whoever asks gets it now.
    Now,
    /// Nobody should have tried.
    Invalid(InvalidState),
}

/// An operation that makes no sense in this state: a mistake in the program, like asyncio's
/// `InvalidStateError`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidState {
    /// What was tried.
    pub operation: &'static str,
    /// Where it stood.
    pub state: &'static str,
}

impl<T> State<T> {
    /// Makes one step, and says what came of it.
    ///
    /// Every state meets every operation here, and no arm stands for "all the rest": whoever adds
    /// one or the other has to decide about each new pair, or it does not compile.
    pub fn step(&mut self, operation: Operation<T>) -> Answer {
        use Answer::{Changed, NotYet, Now, TooLate};
        let state = std::mem::replace(self, State::Pending);
        let invalid = invalid(&state, &operation);
        let (after, answer) = match (state, operation) {
            (State::Pending, Operation::Start) => (State::Running, Changed),
            (State::Pending, Operation::Finish(outcome)) => (State::Done(outcome), Changed),
            (State::Pending, Operation::Cancel) => (State::Cancelled, Changed),
            (State::Pending, Operation::Ask) => (State::Pending, invalid),
            (State::Pending, Operation::Tell) => (State::Pending, NotYet),

            (State::Running, Operation::Start) => (State::Running, invalid),
            (State::Running, Operation::Finish(outcome)) => (State::Done(outcome), Changed),
            (State::Running, Operation::Cancel) => (State::Running, TooLate),
            (State::Running, Operation::Ask) => (State::Running, invalid),
            (State::Running, Operation::Tell) => (State::Running, NotYet),

            (State::Done(outcome), Operation::Start) => (State::Done(outcome), invalid),
            (State::Done(outcome), Operation::Finish(_)) => (State::Done(outcome), invalid),
            // ANCHOR: mistake
            (State::Done(outcome), Operation::Cancel) => (State::Done(outcome), invalid),
            // ANCHOR_END: mistake
            (State::Done(outcome), Operation::Ask) => (State::Done(outcome), Now),
            (State::Done(outcome), Operation::Tell) => (State::Done(outcome), Now),

            (State::Cancelled, Operation::Start) => (State::Cancelled, TooLate),
            (State::Cancelled, Operation::Finish(_)) => (State::Cancelled, invalid),
            (State::Cancelled, Operation::Cancel) => (State::Cancelled, invalid),
            (State::Cancelled, Operation::Ask) => (State::Cancelled, Now),
            (State::Cancelled, Operation::Tell) => (State::Cancelled, Now),
        };
        *self = after;
        answer
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Running => "running",
            State::Done(_) => "done",
            State::Cancelled => "cancelled",
        }
    }
}

impl<T> Operation<T> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Operation::Start => "start",
            Operation::Finish(_) => "finish",
            Operation::Cancel => "cancel",
            Operation::Ask => "ask",
            Operation::Tell => "tell",
        }
    }
}

/// The answer to an operation that makes no sense here.
fn invalid<T>(state: &State<T>, operation: &Operation<T>) -> Answer {
    Answer::Invalid(InvalidState {
        operation: operation.name(),
        state: state.name(),
    })
}

impl fmt::Display for InvalidState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "“{}” makes no sense: it is {}",
            self.operation, self.state
        )
    }
}

impl std::error::Error for InvalidState {}
