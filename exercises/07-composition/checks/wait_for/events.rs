//! What can happen to a wait, and how known mistakes show.

use std::borrow::Cow;

use probe::runs::{Difference, Known, Operation, Step};

/// What can happen.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Event {
    /// Task A or B polls the wait.
    Poll(usize),
    /// A second passes: the deadline.
    Second,
    /// The future has its value, and wakes its task.
    Finishes,
    /// The task is asked to stop: the first time, the second time.
    Asks,
    /// The future wakes its task, and panics in its next poll.
    Breaks,
    /// The wait is dropped.
    Drops,
}

pub(super) const ALPHABET: [Event; 7] = [
    Event::Poll(0),
    Event::Poll(1),
    Event::Asks,
    Event::Finishes,
    Event::Second,
    Event::Drops,
    Event::Breaks,
];

impl Operation for Event {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Event::Poll(0) => "A".into(),
            Event::Poll(_) => "B".into(),
            Event::Second => "clock".into(),
            Event::Finishes | Event::Breaks => "future".into(),
            Event::Asks | Event::Drops => "caller".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Event::Poll(_) => "polls the wait".into(),
            Event::Second => "a second passes".into(),
            Event::Finishes => "has its value, and wakes".into(),
            Event::Breaks => "wakes, and will panic".into(),
            Event::Asks => "asks the task to stop".into(),
            Event::Drops => "drops the wait".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Event::Poll(0) => "A polled the wait".into(),
            Event::Poll(_) => "B polled the wait".into(),
            Event::Second => "a second passed".into(),
            Event::Finishes => "the future had its value and woke its task".into(),
            Event::Breaks => "the future woke its task, and was going to panic".into(),
            Event::Asks => "the caller asked the task to stop".into(),
            Event::Drops => "the wait was dropped".into(),
        }
    }
}

/// How many requests the step says are waiting.
fn waiting(step: &Step) -> usize {
    step.about("requests")
        .map_or(0, |text| text.matches("request").count())
}

fn lost_a_request(difference: &Difference<Event>) -> bool {
    waiting(difference.your_step()) < waiting(difference.expected_step())
}

fn starts(step: &Step, with: &str) -> bool {
    step.outcome().starts_with(with)
}

pub(super) const KNOWN: [Known<Event>; 6] = [
    Known {
        mistake: "cancellation-swallowed",
        sentence: "The wait took a request and returned something else.",
        shows: |difference| {
            let yours = difference.your_step();
            lost_a_request(difference)
                && (starts(yours, "Ready(Ok") || starts(yours, "Ready(Err(the deadline"))
        },
    },
    Known {
        mistake: "cancellation-swallowed",
        sentence: "The wait took two requests and returned one.",
        shows: |difference| {
            lost_a_request(difference) && starts(difference.your_step(), "Ready(Err(cancelled")
        },
    },
    Known {
        mistake: "value-lost-to-a-request",
        sentence: "The value was there, and the wait returned a request.",
        shows: |difference| {
            starts(difference.expected_step(), "Ready(Ok")
                && starts(difference.your_step(), "Ready(Err(cancelled")
        },
    },
    Known {
        mistake: "deadline-before-request",
        sentence: "A request was there, and the wait returned `Elapsed`.",
        shows: |difference| {
            starts(difference.expected_step(), "Ready(Err(cancelled")
                && starts(difference.your_step(), "Ready(Err(the deadline")
        },
    },
    Known {
        mistake: "request-taken-too-early",
        sentence: "The wait took a request and is pending. If it is dropped now, the request is lost.",
        shows: |difference| {
            starts(difference.your_step(), "Pending") && lost_a_request(difference)
                || starts(difference.your_step(), "Pending")
                    && starts(difference.expected_step(), "Ready(Err(cancelled")
        },
    },
    Known {
        mistake: "requests-reordered",
        sentence: "The wait took a request and put it back behind the others.",
        shows: |difference| {
            starts(difference.your_step(), "Ready(Ok")
                && waiting(difference.your_step()) == waiting(difference.expected_step())
                && difference.your_step().about("requests")
                    != difference.expected_step().about("requests")
        },
    },
];
