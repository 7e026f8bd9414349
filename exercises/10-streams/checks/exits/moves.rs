//! Every short run: the steps.

use std::borrow::Cow;

use super::machine::AT_BEGINS;
use probe::runs::{Known, Operation, Step as Seen};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Ends,
    Waits,
    Fails,
    Panics,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Move {
    Pushes(Kind),
    Closes,
    Polls(usize),
    /// The oldest of the exits that wait may go on.
    Opens,
    /// The stack, or the future of `close`.
    Drops,
    /// All exits to a new stack; the old one is dropped.
    PopsAll,
    Runs,
    ClosesTheLoop,
}

/// What is tried in every short run.
pub(super) const CORE: [Move; 7] = [
    Move::Pushes(Kind::Waits),
    Move::Closes,
    Move::Polls(0),
    Move::Opens,
    Move::Drops,
    Move::Runs,
    Move::Pushes(Kind::Fails),
];

/// What is tried in shorter ones, and in random ones.
pub(super) const ALL: [Move; 12] = [
    Move::Pushes(Kind::Waits),
    Move::Closes,
    Move::Polls(0),
    Move::Opens,
    Move::Drops,
    Move::Runs,
    Move::Pushes(Kind::Ends),
    Move::Pushes(Kind::Fails),
    Move::Pushes(Kind::Panics),
    Move::Polls(1),
    Move::PopsAll,
    Move::ClosesTheLoop,
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Polls(0) => "A".into(),
            Move::Polls(_) => "B".into(),
            Move::Opens => "world".into(),
            Move::Runs | Move::ClosesTheLoop => "loop".into(),
            _ => "caller".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Pushes(Kind::Ends) => "pushes an exit that ends at once".into(),
            Move::Pushes(Kind::Waits) => "pushes an exit that waits".into(),
            Move::Pushes(Kind::Fails) => "pushes an exit that fails".into(),
            Move::Pushes(Kind::Panics) => "pushes an exit that panics".into(),
            Move::Closes => "calls close".into(),
            Move::Polls(_) => "polls close".into(),
            Move::Opens => "lets the waiting exit go on".into(),
            Move::Drops => "drops what it has".into(),
            Move::PopsAll => "calls pop_all, and drops the old stack".into(),
            Move::Runs => "runs".into(),
            Move::ClosesTheLoop => "is closed".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Pushes(_) => "an exit was pushed".into(),
            Move::Closes => "`close` was called".into(),
            Move::Polls(0) => "A polled the future of `close`".into(),
            Move::Polls(_) => "B polled the future of `close`".into(),
            Move::Opens => "the waiting exit was let go on".into(),
            Move::Drops => "the stack or the future of `close` was dropped".into(),
            Move::PopsAll => {
                "the exits were moved to a new stack, and the old one was dropped".into()
            }
            Move::Runs => "the loop ran".into(),
            Move::ClosesTheLoop => "the loop was closed".into(),
        }
    }
}

pub(super) const KNOWN: [Known<Move>; 2] = [
    Known {
        mistake: "busy-poll",
        sentence: "An exit is pending, and `close` woke the task that polls it. The task polls again at once, and spins until the exit goes on. Waking \
               is the business of what the exit waits for.",
        shows: |difference| {
            ["A", "B"].iter().any(|task| {
                difference.your_step().about(task) == Some("is woken")
                    && difference.expected_step().about(task) == Some("is not woken")
            })
        },
    },
    Known {
        mistake: "finished-exit-kept",
        sentence: "An exit has finished, and its future is still alive. An exit is dropped when it has finished, before the next one begins: what it \
               holds is needed by no code any more.",
        shows: |difference| {
            let kept = |step: &Seen| {
                step.about("exits kept")
                    .and_then(|text| text.parse::<usize>().ok())
            };
            let (yours, right) = (
                kept(difference.your_step()),
                kept(difference.expected_step()),
            );
            let (began, right_begins) = (
                difference.your_step().about(AT_BEGINS),
                difference.expected_step().about(AT_BEGINS),
            );
            let kept_by_the_next = began > right_begins
                && difference.your_step().about("exits")
                    == difference.expected_step().about("exits");
            let kept_by_the_poll =
                matches!(difference.operation(), Some(Move::Polls(_) | Move::Runs))
                    && yours > right;
            difference.your_step().outcome() == difference.expected_step().outcome()
                && (kept_by_the_poll || kept_by_the_next)
        },
    },
];
