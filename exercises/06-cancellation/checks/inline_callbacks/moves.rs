//! What a generator and the world can do in a short run, and which differences have a name.

use std::borrow::Cow;

use probe::runs::{Difference, Known, Operation, Step as Seen};

/// What the generator does in its next resume.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Act {
    /// Yields a new promise.
    Waits,
    /// Yields one on which a worker has started.
    WaitsForRunning,
    /// Yields one that is done.
    YieldsDone,
    /// Yields one that is cancelled.
    YieldsCancelled,
    Returns,
    Fails,
    /// Cancels the promise that was returned, and yields one that is done.
    CancelsAndYieldsDone,
    CancelsAndWaits,
    CancelsAndReturns,
}

/// One step of a short run.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Move {
    /// The yielded promise, if it is pending, gets a value, and the loop runs.
    Runs(Act),
    /// The loop runs, and no promise gets a value.
    Idles,
    /// The yielded promise gets an error, or is cancelled, or a worker starts on it.
    Rejects,
    CancelsInner,
    /// The promise that was returned is cancelled, or dropped.
    Cancels,
    Drops,
}

pub(super) const ALPHABET: [Move; 14] = [
    Move::Runs(Act::Waits),
    Move::Runs(Act::Returns),
    Move::Runs(Act::Fails),
    Move::Idles,
    Move::Cancels,
    Move::Drops,
    Move::Rejects,
    Move::CancelsInner,
    Move::Runs(Act::WaitsForRunning),
    Move::Runs(Act::YieldsDone),
    Move::Runs(Act::YieldsCancelled),
    Move::Runs(Act::CancelsAndReturns),
    Move::Runs(Act::CancelsAndWaits),
    Move::Runs(Act::CancelsAndYieldsDone),
];

impl Act {
    fn in_words(self) -> &'static str {
        match self {
            Act::Waits => "yields a pending promise",
            Act::WaitsForRunning => "yields a running promise",
            Act::YieldsDone => "yields a promise that is done",
            Act::YieldsCancelled => "yields a cancelled promise",
            Act::Returns => "completes with a value",
            Act::Fails => "completes with an error",
            Act::CancelsAndYieldsDone => {
                "cancels the returned promise, and yields one that is done"
            }
            Act::CancelsAndWaits => "cancels the returned promise, and yields a pending one",
            Act::CancelsAndReturns => "cancels the returned promise, and completes",
        }
    }

    pub(super) fn cancels(self) -> bool {
        matches!(
            self,
            Act::CancelsAndYieldsDone | Act::CancelsAndWaits | Act::CancelsAndReturns
        )
    }
}

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Runs(_) | Move::Idles => "loop".into(),
            Move::Rejects | Move::CancelsInner => "yielded promise".into(),
            Move::Cancels | Move::Drops => "caller".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Runs(act) => format!("runs; the generator {}", act.in_words()).into(),
            Move::Idles => "runs".into(),
            Move::Rejects => "is rejected".into(),
            Move::CancelsInner => "is cancelled".into(),
            Move::Cancels => "cancels the returned promise".into(),
            Move::Drops => "drops the returned promise".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Runs(act) => format!(
                "the yielded promise, if any, got a value and the loop ran (the generator {})",
                act.in_words()
            )
            .into(),
            Move::Idles => "the loop ran".into(),
            Move::Rejects => "the yielded promise was rejected".into(),
            Move::CancelsInner => "the yielded promise was cancelled".into(),
            Move::Cancels => "the returned promise was cancelled".into(),
            Move::Drops => "the returned promise was dropped".into(),
        }
    }
}

fn is_not_reported(difference: &Difference<Move>) -> bool {
    difference.your_step().about("report") == Some("none")
        && difference.expected_step().about("report") == Some("the error")
}

/// Whether an error outlives all that should have dropped it.
fn is_leaked(difference: &Difference<Move>) -> bool {
    difference.your_step().about("errors") != difference.expected_step().about("errors")
}

pub(super) const KNOWN: [Known<Move>; 4] = [
    Known {
        mistake: "resumed-after-cancel",
        sentence: "The returned promise was cancelled, and the generator was resumed after that.",
        shows: |difference| {
            let resumed = |step: &Seen| step.outcome().matches("resumed").count();
            let cancelled = (difference.operations.iter()).any(|step| {
                *step == Move::Cancels || matches!(step, Move::Runs(act) if act.cancels())
            });
            cancelled && resumed(difference.your_step()) > resumed(difference.expected_step())
        },
    },
    Known {
        mistake: "generator-kept",
        sentence: "The returned promise was cancelled, the loop ran, and the generator was not dropped.",
        shows: |difference| {
            difference.your_step().outcome() == difference.expected_step().outcome()
                && difference.your_step().about("generator") == Some("is there")
                && difference.expected_step().about("generator") == Some("is dropped")
        },
    },
    Known {
        mistake: "asked-by-itself",
        sentence: "The generator failed, the returned promise was dropped without a retrieval, and the error was not reported: the \
                   outcome counts as retrieved, or a clone of the promise lived too long.",
        shows: |difference| is_not_reported(difference) && !is_leaked(difference),
    },
    Known {
        mistake: "never-dropped",
        sentence: "The generator failed, and every promise and the loop were dropped. The error is still alive, so a clone of the returned \
                   promise was never dropped, and the error was not reported.",
        shows: |difference| is_not_reported(difference) && is_leaked(difference),
    },
];
