//! Matches on the operation first, and then asks the state what it is; the outcome is never moved out.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State<T> {
    Pending,
    Running,
    Done(T),
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation<T> {
    Start,
    Finish(T),
    Cancel,
    Ask,
    Tell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Changed,
    TooLate,
    NotYet,
    Now,
    Invalid(InvalidState),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidState {
    pub operation: &'static str,
    pub state: &'static str,
}

impl<T> State<T> {
    fn is_final(&self) -> bool {
        matches!(self, State::Done(_) | State::Cancelled)
    }

    fn becomes(&mut self, next: State<T>) -> Answer {
        *self = next;
        Answer::Changed
    }

    pub fn step(&mut self, operation: Operation<T>) -> Answer {
        let invalid = Answer::Invalid(InvalidState {
            operation: operation.name(),
            state: self.name(),
        });
        match operation {
            Operation::Start if matches!(self, State::Pending) => self.becomes(State::Running),
            Operation::Start if matches!(self, State::Cancelled) => Answer::TooLate,
            Operation::Finish(outcome) if !self.is_final() => self.becomes(State::Done(outcome)),
            Operation::Cancel if matches!(self, State::Pending) => self.becomes(State::Cancelled),
            Operation::Cancel => Answer::TooLate,
            Operation::Ask | Operation::Tell if self.is_final() => Answer::Now,
            Operation::Tell => Answer::NotYet,
            Operation::Start | Operation::Finish(_) | Operation::Ask => invalid,
        }
    }

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

impl fmt::Display for InvalidState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let InvalidState { operation, state } = self;
        write!(out, "“{operation}” is not allowed: the state is {state}")
    }
}

impl std::error::Error for InvalidState {}
