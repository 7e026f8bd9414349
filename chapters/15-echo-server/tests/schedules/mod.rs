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
mod random;
mod socket;
mod world;
mod wrong;

use std::collections::HashSet;

use crate::schedules::world::{Outcome, Subject, run};
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

#[test]
fn what_is_planted_is_found() {
    for fault in Fault::ALL {
        let found = outcomes(1_000, Subject::Wrong(fault))
            .find_map(|(number, outcome)| Some((number, outcome.broken.first()?.clone())));
        let (number, broken) = found.unwrap_or_else(|| panic!("{fault:?} is not found"));
        println!("{fault:?}: found by schedule {number}: {broken}");
    }
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
