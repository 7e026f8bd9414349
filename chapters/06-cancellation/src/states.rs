//! The states of a future, and what each operation does in each of them.

use std::fmt;

/// The state of a future that a worker completes and a waiter may cancel.
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
/// *Done* and *cancelled* are final: no operation changes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State<T> {
    /// No worker has started.
    Pending,
    /// A worker has started. It does not look at the state while it works.
    Running,
    /// It has its outcome: a value or an error.
    Done(T),
    /// It was cancelled before a worker started.
    Cancelled,
}

/// What a worker or a waiter does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation<T> {
    /// The worker starts.
    Start,
    /// The worker supplies the outcome.
    Finish(T),
    /// A waiter cancels.
    Cancel,
    /// A caller that does not wait asks for the outcome.
    Ask,
    /// A caller that is willing to wait wants the outcome.
    Tell,
}

/// The answer to an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The operation changed the state.
    Changed,
    /// Nothing changed: the operation came too late, which is not a mistake.
    TooLate,
    /// There is no outcome yet: the caller has to wait.
    NotYet,
    /// The state is final: the caller gets the outcome now, or learns of the cancellation.
    Now,
    /// The call is a mistake in the program. Nothing changed.
    Invalid(InvalidState),
}

/// An operation that is a mistake in this state, like asyncio's `InvalidStateError`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidState {
    /// The operation that was tried.
    pub operation: &'static str,
    /// The state before it.
    pub state: &'static str,
}

impl<T> State<T> {
    /// Applies `operation`, changes the state if the table of the page says so, and returns the
    /// answer. It does not panic.
    ///
    /// The reference has an arm for each pair of a state and an operation, and no wildcard: if a
    /// maintainer adds a state or an operation, the code compiles only when each new pair has an
    /// answer.
    pub fn step(&mut self, operation: Operation<T>) -> Answer {
        use Answer::{Changed, NotYet, Now, TooLate};
        // YOURS
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
            (State::Done(outcome), Operation::Cancel) => (State::Done(outcome), TooLate),
            (State::Done(outcome), Operation::Ask) => (State::Done(outcome), Now),
            (State::Done(outcome), Operation::Tell) => (State::Done(outcome), Now),

            (State::Cancelled, Operation::Start) => (State::Cancelled, TooLate),
            (State::Cancelled, Operation::Finish(_)) => (State::Cancelled, invalid),
            (State::Cancelled, Operation::Cancel) => (State::Cancelled, TooLate),
            (State::Cancelled, Operation::Ask) => (State::Cancelled, Now),
            (State::Cancelled, Operation::Tell) => (State::Cancelled, Now),
        };
        *self = after;
        answer
        // STUB: let _ = (operation, Changed, NotYet, Now, TooLate, invalid::<T>);
        // STUB: todo!("match on the state and the operation, all pairs of them")
        // YOURS_END
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

/// The answer to an operation that is a mistake in this state.
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
            "“{}” is not allowed: the state is {}",
            self.operation, self.state
        )
    }
}

impl std::error::Error for InvalidState {}
