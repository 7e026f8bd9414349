//! What can happen to a drain with two works, and how known mistakes show.

use std::borrow::Cow;

use probe::runs::{Difference, Known, Operation};

/// What can happen.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Event {
    /// The next work is admitted: x, then y.
    Admit,
    /// The task of work x or y polls it.
    PollWork(usize),
    /// Work x or y is ready in its next poll, and wakes its task.
    Ends(usize),
    /// Work x panics in its next poll, and wakes its task.
    Breaks,
    /// Work x or y is dropped.
    DropWork(usize),
    /// `finish` is called, with a second of patience.
    Finish,
    /// Task A or B polls the finish.
    Poll(usize),
    /// The finish is dropped.
    DropFinish,
    /// `cut` is called.
    Cut,
    /// A second passes.
    Second,
}

const NAMES: [&str; 2] = ["x", "y"];

pub(super) const ALPHABET: [Event; 13] = [
    Event::Admit,
    Event::PollWork(0),
    Event::Finish,
    Event::Poll(0),
    Event::Ends(0),
    Event::Second,
    Event::DropWork(0),
    Event::Cut,
    Event::DropFinish,
    Event::Breaks,
    Event::PollWork(1),
    Event::Poll(1),
    Event::Ends(1),
];

impl Operation for Event {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Event::Admit | Event::Finish | Event::Cut | Event::DropFinish => "service".into(),
            Event::PollWork(work) | Event::DropWork(work) => {
                format!("task of {}", NAMES[*work]).into()
            }
            Event::Ends(work) => NAMES[*work].into(),
            Event::Breaks => "x".into(),
            Event::Poll(0) => "A".into(),
            Event::Poll(_) => "B".into(),
            Event::Second => "clock".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Event::Admit => "admit".into(),
            Event::PollWork(_) => "polls the work".into(),
            Event::Ends(_) => "wakes, and will be ready".into(),
            Event::Breaks => "wakes, and will panic".into(),
            Event::DropWork(_) => "drops the work".into(),
            Event::Finish => "finish(1 s)".into(),
            Event::Poll(_) => "polls the finish".into(),
            Event::DropFinish => "drops the finish".into(),
            Event::Cut => "cut()".into(),
            Event::Second => "a second passes".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Event::Admit => "work came to be admitted".into(),
            Event::PollWork(work) => format!("the task of {} polled it", NAMES[*work]).into(),
            Event::Ends(work) => format!("{} woke its task, and was ready", NAMES[*work]).into(),
            Event::Breaks => "x woke its task, and was going to panic".into(),
            Event::DropWork(work) => format!("the task of {} dropped it", NAMES[*work]).into(),
            Event::Finish => "the service called `finish`".into(),
            Event::Poll(0) => "A polled the finish".into(),
            Event::Poll(_) => "B polled the finish".into(),
            Event::DropFinish => "the finish was dropped".into(),
            Event::Cut => "the service called `cut`".into(),
            Event::Second => "a second passed".into(),
        }
    }
}

fn outcomes(difference: &Difference<Event>, yours: &str, expected: &str) -> bool {
    difference.your_step().outcome().starts_with(yours)
        && difference.expected_step().outcome().starts_with(expected)
}

/// Whether the task that polled the finish last is not woken, and has to be.
fn is_not_woken(difference: &Difference<Event>) -> bool {
    let of = |task| {
        difference.your_step().about(task) == Some("is not woken")
            && difference.expected_step().about(task) == Some("is woken")
    };
    of("A") || of("B")
}

pub(super) const KNOWN: [Known<Event>; 7] = [
    Known {
        mistake: "cut-without-closing",
        sentence: "The service called `cut`, and the token of `closing` is not cancelled: the drain still admits work.",
        shows: |difference| {
            difference.operation() == Some(&Event::Cut)
                && difference.your_step().about("token") == Some("closing: false")
                && difference.expected_step().about("token") == Some("closing: true")
        },
    },
    Known {
        mistake: "admitted-while-finishing",
        sentence: "The service was finishing, and work was admitted.",
        shows: |difference| outcomes(difference, "Ok", "Err(not admitted"),
    },
    Known {
        mistake: "value-lost-to-the-cut",
        sentence: "The work was ready, and it was cut.",
        shows: |difference| outcomes(difference, "Ready(Err(Cut", "Ready(Ok"),
    },
    Known {
        mistake: "dropped-in-flight",
        sentence: "The work was cut, and no deadline had passed.",
        shows: |difference| outcomes(difference, "Ready(Err(Cut", "Pending"),
    },
    Known {
        mistake: "finish-before-the-work",
        sentence: "Work is in flight, and the finish is ready.",
        shows: |difference| {
            outcomes(difference, "Ready(", "Pending")
                && matches!(difference.operation(), Some(Event::Poll(_)))
        },
    },
    Known {
        mistake: "forgot-to-wake",
        sentence: "No work is in flight any more, and the task that polled the finish last was not woken.",
        shows: |difference| {
            is_not_woken(difference) && difference.operation() != Some(&Event::Second)
        },
    },
    Known {
        mistake: "numbers-do-not-add-up",
        sentence: "The numbers are not what has become of the work.",
        shows: |difference| {
            difference.your_step().outcome() == difference.expected_step().outcome()
                && difference.your_step().about("numbers")
                    != difference.expected_step().about("numbers")
        },
    },
];
