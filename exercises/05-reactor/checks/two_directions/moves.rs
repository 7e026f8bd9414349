//! What can happen in a short run, and which differences have a name.

use std::borrow::Cow;

use super::super::subject::Happened;
use super::two::{NOTHING, READ, WRITE, in_words};
use probe::runs::{Known, Operation};

/// Something that happens to a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Event(Happened),
    /// The task of this direction makes an attempt, and it succeeds, is short, or would block.
    Attempt(&'static str, Answer),
    Forget,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Full,
    /// Less than there could have been; and then another attempt, that would succeed.
    Short,
    WouldBlock,
}

pub(super) fn moves() -> Vec<Move> {
    let events = (0..32_u8).map(|bits| {
        let says = |bit: u8| bits & (1 << bit) != 0;
        Move::Event(Happened {
            readable: says(0),
            writable: says(1),
            read_closed: says(2),
            write_closed: says(3),
            error: says(4),
        })
    });
    let attempts = [READ, WRITE].into_iter().flat_map(|task| {
        [Answer::Full, Answer::Short, Answer::WouldBlock].map(|answer| Move::Attempt(task, answer))
    });
    attempts.chain([Move::Forget]).chain(events).collect()
}

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Event(_) => "event".into(),
            Move::Attempt(task, _) => (*task).into(),
            Move::Forget => "source".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Event(happened) => said(*happened).into(),
            Move::Attempt(_, Answer::Full) => "makes an attempt that would succeed".into(),
            Move::Attempt(_, Answer::Short) => "makes a short attempt, and another one".into(),
            Move::Attempt(_, Answer::WouldBlock) => "makes an attempt that would block".into(),
            Move::Forget => "forget()".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Event(happened) => format!("an event said “{}”", said(*happened)).into(),
            Move::Attempt(task, _) => format!("the {task} made an attempt").into(),
            Move::Forget => "`forget` was called".into(),
        }
    }
}

fn said(happened: Happened) -> String {
    match happened {
        NOTHING => "nothing".to_owned(),
        _ => in_words(happened),
    }
}

pub(super) const KNOWN: &[Known<Move>] = &[
    Known {
        mistake: "half-closed-taken-for-closed",
        sentence: "The event said “read closed”, and the writing direction was told that it is closed.",
        shows: |difference| {
            let told = difference.operations.iter().any(|operation| {
                matches!(operation, Move::Event(happened)
                    if happened.read_closed && !happened.write_closed && !happened.error)
            });
            let attempts = matches!(difference.operation(), Some(Move::Attempt(WRITE, _)));
            told && attempts && difference.expected_step().outcome().ends_with("pending")
        },
    },
    Known {
        mistake: "eof-behind-short-read",
        sentence: "An event said that there is an end or an error. A short success followed, and the direction waits for another event.",
        shows: |difference| {
            let told = difference.operations.iter().any(|operation| {
                matches!(operation, Move::Event(happened)
                    if happened.read_closed || happened.write_closed || happened.error)
            });
            told && difference.your_step().outcome() == "short, and then pending"
        },
    },
];
