//! The connection's logic in thousands of made-up worlds: pieces that come at odd moments, writes that are cut short, interruptions,
//! resets, ends, jumps of the clock, an order to finish at any moment. The loop, the readiness of its sources, the limit and the
//! connection are the real ones; the clock and the sockets are simulated.
//!
//! A schedule is made from its number, and from nothing else. So the number is all that it takes to run one again:
//!
//! ```text
//! SCHEDULE=1234 cargo test -p chapter-15-echo-server --test main asked_for -- --nocapture
//! ```

mod endless;
mod laws;
pub(crate) mod random;
mod socket;
mod world;
mod wrong;

use std::collections::{BTreeSet, HashSet};

use crate::schedules::world::{Outcome, Subject, run, run_without};
use crate::schedules::wrong::Fault;

/// How many schedules are run. Nearly all of them are different from each other.
const SCHEDULES: u64 = 12_500;

#[test]
fn no_byte_is_lost_none_is_invented_and_none_comes_after_the_close() {
    let mut traces = HashSet::new();
    for (number, outcome) in outcomes(SCHEDULES, Subject::Connection) {
        refuse(number, &outcome);
        traces.insert(outcome.trace.hash());
    }
    println!("{SCHEDULES} schedules, {} of them distinct", traces.len());
    assert!(traces.len() >= 10_000, "only {} are distinct", traces.len());
}

/// The most decisions that a schedule has when those are left out without which it fails in the same way.
const SHORT: usize = 12;

#[test]
fn what_is_planted_is_found_and_shrinks_to_a_short_schedule() {
    let mut missed = Vec::new();
    for fault in Fault::ALL {
        let subject = Subject::Wrong(fault);
        let found = outcomes(1_000, subject)
            .find_map(|(number, outcome)| Some((number, outcome.broken.first()?.clone())));
        let Some((number, broken)) = found else {
            missed.push(format!("{fault:?} is not found"));
            continue;
        };
        let (decisions, left) = shrunk(number, subject, &broken);
        println!(
            "{fault:?}: found by schedule {number}, {left} of whose {decisions} decisions it needs: {broken}"
        );
        if left > SHORT {
            missed.push(format!("{fault:?} needs {left} decisions"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("; "));
}

/// Leaves out one decision after the other, as long as the same law is broken first. Returns how many there were, and how many
/// are left.
fn shrunk(number: u64, subject: Subject, broken: &str) -> (usize, usize) {
    let probe = probe::run!();
    let mut left_out = BTreeSet::new();
    let decisions = run(&probe, number, subject).decisions;
    for decision in (0..decisions).rev() {
        left_out.insert(decision);
        let outcome = run_without(&probe, number, subject, &left_out);
        if outcome.broken.first().is_none_or(|first| first != broken) {
            left_out.remove(&decision);
        }
    }
    (decisions, decisions - left_out.len())
}

/// What is found is what was planted.
#[test]
fn the_same_copy_without_a_fault_keeps_all_laws() {
    for (number, outcome) in outcomes(1_000, Subject::Copy) {
        refuse(number, &outcome);
    }
}

/// Runs the one schedule that is asked for, and shows it.
#[test]
fn the_schedule_that_is_asked_for() {
    let Ok(number) = std::env::var("SCHEDULE") else {
        return;
    };
    let number = number.parse().expect("a schedule's number");
    let outcome = run(&probe::run!(), number, Subject::Connection);
    println!("{}", outcome.trace);
    refuse(number, &outcome);
}

/// Runs one schedule after the other. Each hundred has a watchdog, which ends what hangs.
fn outcomes(count: u64, subject: Subject) -> impl Iterator<Item = (u64, Outcome)> {
    (0..count).step_by(100).flat_map(move |first| {
        let probe = probe::run!();
        (first..first + 100).map(move |number| (number, run(&probe, number, subject)))
    })
}

#[track_caller]
fn refuse(number: u64, outcome: &Outcome) {
    assert!(
        outcome.broken.is_empty(),
        "schedule {number}: {}\n{}\nTo run this one alone: SCHEDULE={number} cargo test -p chapter-15-echo-server \
         --test main asked_for -- --nocapture",
        outcome.broken.join("; "),
        outcome.trace
    );
}
