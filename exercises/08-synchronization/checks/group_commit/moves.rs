//! What can happen to a journal with three writers.

use std::borrow::Cow;

use probe::runs::{Known, Operation};

pub(super) const NAMES: [&str; 3] = ["writer A", "writer B", "writer C"];

/// One step of a short run. After each the loop runs until nothing is woken.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Move {
    /// A writer without a record appends the next one.
    Append(usize),
    Cancel(usize),
    Written,
    Fails,
    Close,
    CancelTask,
}

pub(super) const ALPHABET: [Move; 10] = [
    Move::Append(0),
    Move::Append(1),
    Move::Written,
    Move::Cancel(0),
    Move::Cancel(1),
    Move::Fails,
    Move::Close,
    Move::CancelTask,
    Move::Append(2),
    Move::Cancel(2),
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Append(writer) | Move::Cancel(writer) => NAMES[*writer].into(),
            Move::Written | Move::Fails => "disk".into(),
            Move::Close => "journal".into(),
            Move::CancelTask => "writing task".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Append(_) => "appends".into(),
            Move::Cancel(_) | Move::CancelTask => "is cancelled".into(),
            Move::Written => "has written".into(),
            Move::Fails => "fails".into(),
            Move::Close => "is closed".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        let actor = self.actor();
        match self {
            Move::Append(_) => format!("{actor} appended a record").into(),
            Move::Cancel(_) | Move::CancelTask => format!("{actor} was cancelled").into(),
            Move::Written => "the disk had written".into(),
            Move::Fails => "the disk's write failed".into(),
            Move::Close => "the journal was closed".into(),
        }
    }
}

pub(super) const KNOWN: [Known<Move>; 1] = [Known {
    mistake: "left-waiting",
    sentence: "The outcome of a record is known, and its writer is not told.",
    shows: |difference| {
        !difference.at_the_end()
            && NAMES.iter().any(|name| {
                difference.your_step().about(name) == Some("waits")
                    && difference
                        .expected_step()
                        .about(name)
                        .is_some_and(|told| told != "waits")
            })
    },
}];
