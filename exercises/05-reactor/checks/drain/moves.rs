//! What can happen to a socket in a short run, and which differences have a name.

use std::borrow::Cow;

use super::super::subject::BUDGET;
use probe::runs::{Known, Operation, Step as Seen};

/// One operation of the kernel or of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    /// Task 0, A, or 1, B, reads until it waits, in as many iterations as it is woken for.
    Reads(usize),
    Arrives(usize),
    ArrivesWithTheEnd(usize),
    Says {
        closed: bool,
    },
    Interrupts,
    Breaks,
    Forgets,
}

pub(super) const ROOM: usize = 8;
/// More than the reads of one iteration, and a short read.
const FLOOD: usize = ROOM * (BUDGET as usize + 1) + 3;

pub(super) const MOVES: [Move; 11] = [
    Move::Reads(0),
    Move::Reads(1),
    Move::Arrives(3),
    Move::Arrives(FLOOD),
    Move::ArrivesWithTheEnd(3),
    Move::ArrivesWithTheEnd(FLOOD),
    Move::Says { closed: false },
    Move::Says { closed: true },
    Move::Interrupts,
    Move::Breaks,
    Move::Forgets,
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Reads(0) => "A".into(),
            Move::Reads(_) => "B".into(),
            Move::Forgets => "source".into(),
            _ => "kernel".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Reads(_) => "reads until it waits".into(),
            Move::Arrives(count) => format!("{count} bytes arrive; reports: readable").into(),
            Move::ArrivesWithTheEnd(count) => {
                format!("{count} bytes and the end arrive; reports: readable, read closed").into()
            }
            Move::Says { closed: false } => "nothing arrives; reports: readable".into(),
            Move::Says { closed: true } => "nothing arrives; reports: read closed".into(),
            Move::Interrupts => "will interrupt the next 2 attempts".into(),
            Move::Breaks => "the connection is reset; reports: error".into(),
            Move::Forgets => "forget()".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Reads(0) => "A read until it waited".into(),
            Move::Reads(_) => "B read until it waited".into(),
            Move::Arrives(count) => format!("{count} bytes arrived").into(),
            Move::ArrivesWithTheEnd(count) => {
                format!("{count} bytes and the end arrived in one event").into()
            }
            Move::Says { closed: false } => {
                "an event said “readable”, and there was nothing".into()
            }
            Move::Says { closed: true } => {
                "an event said “read closed”, and there was no end".into()
            }
            Move::Interrupts => "a signal was to interrupt the next 2 attempts".into(),
            Move::Breaks => "the connection was reset".into(),
            Move::Forgets => "`forget` was called".into(),
        }
    }
}

pub(super) const KNOWN: &[Known<Move>] = &[
    Known {
        mistake: "eof-behind-short-read",
        sentence: "Every byte was read, the end could be read, and the task waits for an event. There will be none: the kernel \
                   reported the end before.",
        shows: |difference| {
            let (yours, expected) = (difference.your_step(), difference.expected_step());
            let same_bytes =
                yours.outcome().split_once(' ') == Some((bytes(expected), "bytes, and waits"));
            same_bytes && expected.outcome().ends_with("and the end")
        },
    },
    Known {
        mistake: "stopped-before-wouldblock",
        sentence: "Bytes are left in the socket, and the task waits for an event. The kernel reported them before, and does not report them again.",
        shows: |difference| {
            let (yours, expected) = (difference.your_step(), difference.expected_step());
            yours.outcome().ends_with("and waits") && number(yours) < number(expected)
        },
    },
    Known {
        mistake: "drained-without-limit",
        sentence: "`poll_io` made more attempts in one iteration than `BUDGET` allows.",
        shows: |difference| {
            let same = difference.your_step().outcome() == difference.expected_step().outcome();
            same && difference.your_step().about("budget")
                != difference.expected_step().about("budget")
        },
    },
    Known {
        mistake: "woken-by-forget",
        sentence: "`forget` woke the task that waited. No event had come.",
        shows: |difference| {
            let woken =
                ["A", "B"].map(|task| difference.your_step().about(task) == Some("is woken"));
            difference.operation() == Some(&Move::Forgets) && woken.contains(&true)
        },
    },
];

pub(super) fn bytes(step: &Seen) -> &str {
    step.outcome().split(' ').next().unwrap_or_default()
}

fn number(step: &Seen) -> Option<usize> {
    bytes(step).parse().ok()
}
