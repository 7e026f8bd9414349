//! What can happen to a channel, and the mistakes that show in short runs.

use std::borrow::Cow;

use probe::runs::{Known, Operation};

/// One step of a short run.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Move {
    /// Task A or B calls `send`, or polls it again.
    Send(usize),
    /// Task A calls `reserve`, or polls it again.
    Reserve,
    /// Task A uses its permit.
    Use,
    /// Task A or B is cancelled.
    Cancel(usize),
    TrySend,
    /// Task R calls `recv`, or polls it again.
    Recv,
    CancelRecv,
    TryRecv,
    Close,
    DropReceiver,
    DropSender,
}

pub(super) const ALPHABET: [Move; 13] = [
    Move::TrySend,
    Move::Send(0),
    Move::Send(1),
    Move::TryRecv,
    Move::Recv,
    Move::Cancel(0),
    Move::Cancel(1),
    Move::Reserve,
    Move::Use,
    Move::Close,
    Move::CancelRecv,
    Move::DropReceiver,
    Move::DropSender,
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Send(0) | Move::Reserve | Move::Use | Move::Cancel(0) => "A".into(),
            Move::Send(_) | Move::Cancel(_) => "B".into(),
            Move::TrySend | Move::DropSender => "sender".into(),
            Move::Recv | Move::CancelRecv => "R".into(),
            Move::TryRecv | Move::Close | Move::DropReceiver => "receiver".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Send(_) => "polls send".into(),
            Move::Reserve => "polls reserve".into(),
            Move::Use => "sends with its permit".into(),
            Move::Cancel(_) => "is cancelled".into(),
            Move::TrySend => "try_send".into(),
            Move::Recv => "polls recv".into(),
            Move::CancelRecv => "drops recv".into(),
            Move::TryRecv => "try_recv".into(),
            Move::Close => "close".into(),
            Move::DropReceiver | Move::DropSender => "is dropped".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        let actor = self.actor();
        match self {
            Move::Send(_) => format!("{actor} polled `send`").into(),
            Move::Reserve => "A polled `reserve`".into(),
            Move::Use => "A sent with its permit".into(),
            Move::Cancel(_) => format!("{actor} was cancelled").into(),
            Move::TrySend => "the sender called `try_send`".into(),
            Move::Recv => "R polled `recv`".into(),
            Move::CancelRecv => "R dropped `recv`".into(),
            Move::TryRecv => "the receiver called `try_recv`".into(),
            Move::Close => "the receiver called `close`".into(),
            Move::DropReceiver => "the receiver was dropped".into(),
            Move::DropSender => "the sender was dropped".into(),
        }
    }
}

pub(super) const KNOWN: [Known<Move>; 4] = [
    Known {
        mistake: "value-lost",
        sentence: "The receiver had been dropped, and a value was accepted.",
        shows: |difference| {
            difference.operations.contains(&Move::DropReceiver)
                && difference.your_step().outcome() == "Ok"
        },
    },
    Known {
        mistake: "closed-over-the-permit",
        sentence: "A sender was handed a slot before the channel was closed. Its next poll returned `Err`.",
        shows: |difference| {
            let closes = |step: &Move| matches!(step, Move::Close | Move::DropReceiver);
            matches!(difference.operation(), Some(Move::Send(_) | Move::Reserve))
                && difference.operations.iter().any(closes)
                && difference.your_step().outcome().starts_with("Err")
                && difference.expected_step().outcome().starts_with("Ok")
        },
    },
    Known {
        mistake: "closed-over-the-permits",
        sentence: "The channel was closed, a slot that was handed out before could still get a value, and the receiver was told that the \
                   channel is at its end.",
        shows: |difference| {
            difference.operations.contains(&Move::Close)
                && matches!(difference.your_step().outcome(), "None" | "Err(Closed)")
                && matches!(
                    difference.expected_step().outcome(),
                    "Pending" | "Err(Empty)"
                )
        },
    },
    Known {
        mistake: "closed-without-a-wake",
        sentence: "No value can come any more, and the task that waits in `recv` was not woken.",
        shows: |difference| {
            !difference.at_the_end()
                && difference.your_step().outcome() == difference.expected_step().outcome()
                && difference.expected_step().about("R") == Some("is woken")
                && difference.your_step().about("R") == Some("is not woken")
                && matches!(
                    difference.operation(),
                    Some(Move::Cancel(_) | Move::DropSender)
                )
        },
    },
];
