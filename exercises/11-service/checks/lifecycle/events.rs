//! What can happen to a service of three parts, and how known mistakes show.

use std::borrow::Cow;

use probe::runs::{Difference, Known, Operation};

use super::world::Ends;

/// What can happen.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Event {
    /// Task A or B polls the start, or the stop.
    Poll(usize),
    /// The start or the clean-up that is in progress ends so in its next poll, and wakes its task.
    Ends(Ends),
    /// `stop` is called.
    Stop,
    /// What there is of the service is dropped: the start, the running service, or the stop.
    Drops,
    /// The loop polls the tasks that were woken.
    Loop,
}

pub(super) const ALPHABET: [Event; 8] = [
    Event::Poll(0),
    Event::Ends(Ends::Well),
    Event::Ends(Ends::Badly),
    Event::Stop,
    Event::Drops,
    Event::Loop,
    Event::Poll(1),
    Event::Ends(Ends::InAPanic),
];

impl Operation for Event {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Event::Poll(0) => "A".into(),
            Event::Poll(_) => "B".into(),
            Event::Ends(_) => "part".into(),
            Event::Stop | Event::Drops => "caller".into(),
            Event::Loop => "loop".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Event::Poll(_) => "polls".into(),
            Event::Ends(Ends::Well) => "wakes, and will finish".into(),
            Event::Ends(Ends::Badly) => "wakes, and will fail".into(),
            Event::Ends(Ends::InAPanic) => "wakes, and will panic".into(),
            Event::Stop => "stop()".into(),
            Event::Drops => "drops the service".into(),
            Event::Loop => "polls the woken tasks".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Event::Poll(0) => "A polled".into(),
            Event::Poll(_) => "B polled".into(),
            Event::Ends(Ends::Well) => "the work in progress was done, and woke its task".into(),
            Event::Ends(Ends::Badly) => {
                "the work in progress woke its task, and was going to fail".into()
            }
            Event::Ends(Ends::InAPanic) => {
                "the work in progress woke its task, and was going to panic".into()
            }
            Event::Stop => "the caller called `stop`".into(),
            Event::Drops => "the caller dropped the service".into(),
            Event::Loop => "the loop polled the woken tasks".into(),
        }
    }
}

fn differs_in_phase(difference: &Difference<Event>, yours: &str) -> bool {
    difference.your_step().about("phase") == Some(yours)
        && difference.expected_step().about("phase") != Some(yours)
}

pub(super) const KNOWN: [Known<Event>; 8] = [
    Known {
        mistake: "busy-poll",
        sentence: "Its work is pending, and the future has woken its own task.",
        shows: |difference| {
            let woken = |task| {
                difference.your_step().about(task) == Some("is woken")
                    && difference.expected_step().about(task) == Some("is not woken")
            };
            matches!(difference.operation(), Some(Event::Poll(_))) && (woken("A") || woken("B"))
        },
    },
    Known {
        mistake: "ready-while-stopping",
        sentence: "The service is going to stop, and its phase is still `Ready`.",
        shows: |difference| differs_in_phase(difference, "Ready"),
    },
    Known {
        mistake: "phase-left-behind",
        sentence: "No clean-up is left, and the phase is not `Stopped`.",
        shows: |difference| {
            let tasks = "tasks of the loop";
            difference.expected_step().about("phase") == Some("Stopped")
                && difference.your_step().about("phase") == Some("Stopping")
                && difference.your_step().about(tasks) == difference.expected_step().about(tasks)
                && difference.your_step().outcome() == difference.expected_step().outcome()
        },
    },
    Known {
        mistake: "phase-left-behind",
        sentence: "A start has failed or was dropped, and the phase is still `Starting`.",
        shows: |difference| {
            let right = difference.expected_step().about("phase");
            matches!(right, Some("Stopping" | "Stopped"))
                && difference.your_step().about("phase") == Some("Starting")
                && difference.your_step().outcome() == difference.expected_step().outcome()
        },
    },
    Known {
        mistake: "stopped-too-early",
        sentence: "A clean-up is left, and the phase is `Stopped`.",
        shows: |difference| {
            difference.expected_step().about("phase") == Some("Stopping")
                && difference.your_step().about("phase") == Some("Stopped")
                && difference.your_step().outcome() == difference.expected_step().outcome()
        },
    },
    Known {
        mistake: "starts-kept",
        sentence: "A start has failed, and a start behind it, or the failed one, is still alive while the clean-up runs.",
        shows: |difference| {
            let alive = |text: Option<&str>| {
                text.and_then(|text| text.split(' ').next()?.parse::<usize>().ok())
            };
            difference.your_step().outcome() == difference.expected_step().outcome()
                && alive(difference.your_step().about("starts"))
                    > alive(difference.expected_step().about("starts"))
                && difference.expected_step().about("phase") == Some("Stopping")
        },
    },
    Known {
        mistake: "spawned-for-nothing",
        sentence: "No clean-up was left, and a task was spawned.",
        shows: |difference| {
            difference.operation() == Some(&Event::Drops)
                && difference.expected_step().about("tasks of the loop") == Some("none")
                && difference.your_step().about("tasks of the loop") == Some("one")
        },
    },
    Known {
        mistake: "panic-not-caught",
        sentence: "A part panicked, and the panic went through the poll.",
        shows: |difference| {
            difference.your_step().outcome() == "panics"
                && difference.operations.contains(&Event::Ends(Ends::InAPanic))
        },
    },
];
