//! What can happen to a time-out, and how known mistakes show.

use std::borrow::Cow;

use probe::runs::{Difference, Known, Operation, Step};

/// What can happen.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Event {
    /// Task A or B polls the time-out.
    Poll(usize),
    /// A second passes. The time-out is of two.
    Second,
    /// The future has its value, and wakes its task.
    Finishes,
    /// The future wakes its task, and panics in its next poll.
    Breaks,
    /// The time-out is dropped.
    Drops,
}

pub(super) const ALPHABET: [Event; 6] = [
    Event::Poll(0),
    Event::Poll(1),
    Event::Second,
    Event::Finishes,
    Event::Drops,
    Event::Breaks,
];

/// What the time-out is made with, at 5 s.
#[derive(Clone, Copy)]
pub(super) enum Limit {
    Seconds(u64),
    /// A deadline at 1 s.
    Past,
    Never,
}

impl Operation for Event {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Event::Poll(0) => "A".into(),
            Event::Poll(_) => "B".into(),
            Event::Second => "clock".into(),
            Event::Finishes | Event::Breaks => "future".into(),
            Event::Drops => "caller".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Event::Poll(_) => "polls the time-out".into(),
            Event::Second => "a second passes".into(),
            Event::Finishes => "has its value, and wakes".into(),
            Event::Breaks => "wakes, and will panic".into(),
            Event::Drops => "drops the time-out".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Event::Poll(0) => "A polled the time-out".into(),
            Event::Poll(_) => "B polled the time-out".into(),
            Event::Second => "a second passed".into(),
            Event::Finishes => "the future had its value and woke its task".into(),
            Event::Breaks => "the future woke its task, and was going to panic".into(),
            Event::Drops => "the time-out was dropped".into(),
        }
    }
}

/// Whether the learner's step says this about `lane`, and the expected one does not.
fn says(difference: &Difference<Event>, lane: &str, text: &str) -> bool {
    difference.your_step().about(lane) == Some(text)
        && difference.expected_step().about(lane) != Some(text)
}

fn is_a_poll(difference: &Difference<Event>) -> bool {
    matches!(difference.operation(), Some(Event::Poll(_)))
}

fn starts(step: &Step, with: &str) -> bool {
    step.outcome().starts_with(with)
}

pub(super) const KNOWN: [Known<Event>; 5] = [
    Known {
        mistake: "value-lost-at-the-deadline",
        sentence: "The value was there in the poll in which the deadline had passed, and the time-out did not return it.",
        shows: |difference| {
            starts(difference.expected_step(), "Ready(Ok")
                && starts(difference.your_step(), "Ready(Err")
        },
    },
    Known {
        mistake: "loser-lives-on",
        sentence: "The time-out was ready, and the future was still there.",
        shows: |difference| is_a_poll(difference) && says(difference, "future", "is there"),
    },
    Known {
        mistake: "timer-leaked",
        sentence: "The time-out was ready, and its timer was still set.",
        shows: |difference| is_a_poll(difference) && says(difference, "timer", "is set"),
    },
    Known {
        mistake: "first-waker-only",
        sentence: "Two tasks polled the time-out, and the one that polled last was not woken.",
        shows: |difference| {
            let polled = |task| difference.operations.contains(&Event::Poll(task));
            !is_a_poll(difference)
                && polled(0)
                && polled(1)
                && ["A", "B"]
                    .iter()
                    .any(|task| says(difference, task, "is not woken"))
        },
    },
    Known {
        mistake: "busy-poll",
        sentence: "The time-out woke its task in its own poll.",
        shows: |difference| {
            is_a_poll(difference)
                && ["A", "B"]
                    .iter()
                    .any(|task| says(difference, task, "is woken"))
        },
    },
];
