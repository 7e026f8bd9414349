//! What can happen to flights, and the mistakes that show in short runs.

use std::borrow::Cow;

use probe::runs::{Known, Operation};

pub(super) const CALLERS: [&str; 3] = ["A", "B", "C"];

pub(super) const KEYS: [&str; 2] = ["x", "y"];

/// One step of a short run.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Move {
    /// The next caller wants this key.
    Runs(usize),
    Polls(usize),
    Drops(usize),
    /// The newest work of this key gets its output, and callers that are woken poll.
    Finishes(usize),
    /// The newest work of this key panics in its next poll, and callers that are woken poll.
    Panics(usize),
}

pub(crate) const ALPHABET: [Move; 10] = [
    Move::Runs(0),
    Move::Runs(1),
    Move::Polls(0),
    Move::Polls(1),
    Move::Polls(2),
    Move::Finishes(0),
    Move::Drops(0),
    Move::Drops(1),
    Move::Finishes(1),
    Move::Panics(0),
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match *self {
            Move::Runs(_) => "caller".into(),
            Move::Polls(caller) | Move::Drops(caller) => CALLERS[caller].into(),
            Move::Finishes(key) | Move::Panics(key) => format!("work of {}", KEYS[key]).into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match *self {
            Move::Runs(key) => format!("run({:?}, …)", KEYS[key]).into(),
            Move::Polls(_) => "polls its call".into(),
            Move::Drops(_) => "drops its call".into(),
            Move::Finishes(_) => "has its output and wakes".into(),
            Move::Panics(_) => "wakes, and panics in its next poll".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match *self {
            Move::Runs(key) => format!("a caller called `run` with the key {}", KEYS[key]).into(),
            Move::Polls(caller) => format!("{} polled its call", CALLERS[caller]).into(),
            Move::Drops(caller) => format!("{} dropped its call", CALLERS[caller]).into(),
            Move::Finishes(key) => format!("the work of {} got its output", KEYS[key]).into(),
            Move::Panics(key) => format!("the work of {} panicked", KEYS[key]).into(),
        }
    }
}

pub(crate) const KNOWN: [Known<Move>; 6] = [
    Known {
        mistake: "flight-kept",
        sentence: "The output of the flight was there, and its key was not free: the next `run` joins a flight that has ended.",
        shows: |difference| {
            let joins = matches!(difference.operation(), Some(Move::Runs(_)))
                && difference.your_step().outcome() == "joins";
            let stays = matches!(
                difference.operation(),
                Some(Move::Finishes(_) | Move::Polls(_))
            ) && difference.your_step().about("keys in flight")
                > difference.expected_step().about("keys in flight");
            let done = |what: fn(&Move) -> bool| difference.operations.iter().any(what);
            (joins || stays)
                && done(|step| matches!(step, Move::Finishes(_)))
                && !done(|step| matches!(step, Move::Panics(_)))
        },
    },
    Known {
        mistake: "work-done-twice",
        sentence: "A flight of this key was in progress, and `run` made the work again.",
        shows: |difference| {
            matches!(difference.operation(), Some(Move::Runs(_)))
                && difference.your_step().outcome() == "makes work"
        },
    },
    Known {
        mistake: "leader-takes-the-flight-along",
        sentence: "One caller dropped its call, and the work was dropped, although another caller waits for it.",
        shows: |difference| {
            matches!(difference.operation(), Some(Move::Drops(_)))
                && difference.your_step().about("works").is_some_and(|seen| {
                    difference
                        .expected_step()
                        .about("works")
                        .is_some_and(|expected| seen < expected)
                })
        },
    },
    Known {
        mistake: "work-outlives-its-callers",
        sentence: "The last caller dropped its call, and the work is still there.",
        shows: |difference| {
            matches!(difference.operation(), Some(Move::Drops(_)))
                && difference.your_step().about("works").is_some_and(|seen| {
                    difference
                        .expected_step()
                        .about("works")
                        .is_some_and(|expected| seen > expected)
                })
        },
    },
    Known {
        mistake: "panicked-flight-stays",
        sentence: "The work panicked in the poll of one caller. The flight did not end: its other callers are pending, or its key is not free.",
        shows: |difference| {
            let stays = difference.your_step().about("keys in flight")
                > difference.expected_step().about("keys in flight");
            let waits = difference.your_step().outcome() == "pending"
                && difference.expected_step().outcome() == "panics";
            // Each caller that is woken polls. That a caller is not woken is seen by tests of their own.
            let misses = matches!(difference.operation(), Some(Move::Panics(_)))
                && callers_are_missing(
                    difference.your_step().outcome(),
                    difference.expected_step().outcome(),
                );
            (stays || waits || misses)
                && difference
                    .operations
                    .iter()
                    .any(|step| matches!(step, Move::Panics(_)))
        },
    },
    Known {
        mistake: "woke-only-one",
        sentence: "The flight ended, and a caller that waited for it was not woken, or was still pending when it was polled.",
        shows: |difference| {
            matches!(difference.operation(), Some(Move::Finishes(_)))
                && callers_are_missing(
                    difference.your_step().outcome(),
                    difference.expected_step().outcome(),
                )
                && difference.your_step().about("keys in flight")
                    == difference.expected_step().about("keys in flight")
        },
    },
];

/// Whether fewer callers learned of the end than expected, and each of these learned the expected.
fn callers_are_missing(yours: &str, expected: &str) -> bool {
    let all: Vec<&str> = expected.split(", ").collect();
    let yours: Vec<&str> = match yours {
        NO_CALLER => Vec::new(),
        yours => yours.split(", ").collect(),
    };
    yours.len() < all.len() && yours.iter().all(|seen| all.contains(seen))
}

/// The outcome of an end of which no caller learns.
pub(super) const NO_CALLER: &str = "no caller learns of it";
