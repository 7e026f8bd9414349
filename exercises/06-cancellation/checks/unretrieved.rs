//! 6.4 unretrieved: an error that is never retrieved.

#[path = "unretrieved/machine.rs"]
mod machine;
#[path = "unretrieved/reports.rs"]
mod reports;

use std::rc::Rc;

use super::subject::Kept;
use cancellation::Failure;
use event_loop::Spawn;
use machine::{ALPHABET, Kind, Reference, Yours};
use probe::detect::DropCounter;
use probe::runs::Search;
use probe::{panics, run, snapshot};
use reports::{OutOfPaper, Reports, drops, error, kept, retrieves, says};

#[test]
fn retrieve_returns_the_outcome_each_time() {
    let run = run!();
    for (outcome, expected) in [
        (Ok(7), "7"),
        (error(), "out of paper"),
        (Err(Failure::Cancelled), "cancelled"),
    ] {
        let (kept, _) = kept(&run, outcome);
        for time in 1..=2 {
            let got = match panics::expected(|| retrieves(&run, "A", &kept)) {
                Ok(outcome) => format!("returned {}", says(&outcome)),
                Err(panic) => format!("panicked: {}", panic.message),
            };
            if got == format!("returned {expected}") {
                continue;
            }
            if time == 1 {
                run.departs(format!("The outcome is {expected}, and `retrieve` {got}."));
            }
            run.diagnose(
                "retrieved-only-once",
                format!(
                    "The first call of `retrieve` returned {expected}, and the second {got}. An outcome can be retrieved any number of times."
                ),
            );
        }
    }
}

#[test]
fn an_error_that_is_never_retrieved_is_reported_when_it_is_dropped() {
    let run = run!("nobody_asks");
    let (kept, reports) = kept(&run, error());
    if reports.count() > 0 {
        run.diagnose(
            "reported-too-early",
            "The error was reported while A still owns it and may retrieve it.",
        );
    }
    drops(&run, "A", kept);
    match reports.count() {
        0 => run.diagnose(
            "never-reported",
            "The last clone of an error was dropped, the error was never retrieved, and nothing was reported.",
        ),
        1 => {}
        times => run.diagnose("reported-twice", format!("One error was reported {times} times.")),
    }
    snapshot!(run);
}

#[test]
fn the_report_says_what_the_error_was() {
    let run = run!();
    let (kept, reports) = kept(&run, error());
    drops(&run, "A", kept);
    let said = reports.said.borrow();
    if !said.iter().all(|said| said.contains("out of paper")) {
        run.departs(format!(
            "The error was “out of paper”, and what was reported is: {}.",
            said.join(", ")
        ));
    }
}

#[test]
fn an_error_that_was_retrieved_is_not_reported() {
    let run = run!("somebody_asks");
    let (kept, reports) = kept(&run, error());
    let _outcome = retrieves(&run, "A", &kept);
    drops(&run, "A", kept);
    if reports.count() > 0 {
        run.diagnose(
            "reported-though-retrieved",
            "A retrieved the error, and it was reported as never retrieved.",
        );
    }
    snapshot!(run);
}

#[test]
fn values_and_cancellations_are_not_reported() {
    let run = run!();
    let (value, reports) = kept(&run, Ok(7));
    drops(&run, "A", value);
    if reports.count() > 0 {
        run.diagnose(
            "value-reported",
            "A value was reported. A program may ignore a value; only errors are reported.",
        );
    }
    let (cancelled, reports) = kept(&run, Err(Failure::Cancelled));
    drops(&run, "A", cancelled);
    if reports.count() > 0 {
        run.diagnose(
            "cancellation-reported",
            "A cancellation was reported as an error. The code that cancelled knows that it did.",
        );
    }
}

#[test]
fn an_error_is_reported_when_the_last_clone_is_dropped_and_not_earlier() {
    let run = run!("the_last");
    let (a, reports) = kept(&run, error());
    let b = a.clone();
    run.recorder().says("B", "has a clone");
    drops(&run, "A", a);
    if reports.count() > 0 {
        run.diagnose(
            "reported-too-early",
            "A dropped its clone, and the error was reported. B still has a clone and may retrieve the error.",
        );
    }
    drops(&run, "B", b);
    match reports.count() {
        0 => run.diagnose(
            "never-reported",
            "The last clone of the error was dropped, the error was never retrieved, and nothing was reported.",
        ),
        1 => {}
        times => run.diagnose(
            "reported-twice",
            format!("One error was reported {times} times."),
        ),
    }
    snapshot!(run);
}

#[test]
fn one_retrieval_counts_for_all_clones() {
    let run = run!();
    for owner in ["A", "B"] {
        let (a, reports) = kept(&run, error());
        let b = a.clone();
        let _outcome = retrieves(&run, owner, if owner == "A" { &a } else { &b });
        drops(&run, "A", a);
        drops(&run, "B", b);
        if reports.count() > 0 {
            run.diagnose(
                "asked-for-by-one",
                format!(
                    "{owner} retrieved the error, and it was reported. All clones share one outcome, so one retrieval counts for all of them."
                ),
            );
        }
    }
}

#[test]
fn a_hundred_thousand_clones_are_one_report() {
    let run = run!();
    let (first, reports) = kept(&run, error());
    let others: Vec<Kept<u32>> = (1..100_000).map(|_| first.clone()).collect();
    drop(first);
    drop(others);
    if reports.count() != 1 {
        run.diagnose(
            if reports.count() == 0 {
                "never-reported"
            } else {
                "reported-twice"
            },
            format!(
                "One error had 100,000 clones, none of which retrieved it. It was reported {} times.",
                reports.count()
            ),
        );
    }
}

#[test]
fn the_last_clone_may_still_retrieve_the_error() {
    let run = run!();
    let (a, reports) = kept(&run, error());
    let b = a.clone();
    drops(&run, "A", a);
    let before = reports.count();
    let _outcome = retrieves(&run, "B", &b);
    drops(&run, "B", b);
    if before > 0 {
        run.diagnose(
            "reported-too-early",
            "A dropped its clone, and the error was reported. B retrieved it afterwards.",
        );
    }
    if reports.count() > 0 {
        run.departs(
            "B retrieved the error before it dropped the last clone, and the error was reported.",
        );
    }
}

#[test]
fn an_error_that_is_dropped_by_a_panic_is_reported_too() {
    let run = run!();
    let (kept, reports) = kept(&run, error());
    let _ = panics::expected(|| {
        let _kept = kept;
        panic!("something else went wrong");
    });
    if reports.count() != 1 {
        run.departs(format!(
            "The last clone was dropped while a panic unwound, and the error was reported {} times; expected: once.",
            reports.count()
        ));
    }
}

#[test]
fn the_outcome_is_dropped_with_its_last_clone() {
    let run = run!();
    let errors = DropCounter::new();
    for retrieves in [false, true] {
        let reports = Reports::new(&run);
        let error = Failure::error(OutOfPaper(Some(errors.token())));
        let a: Kept<u32> = Kept::new(Err(error), reports as Rc<dyn Spawn>);
        let b = a.clone();
        if retrieves {
            drop(b.retrieve());
        }
        drops(&run, "A", a);
        drops(&run, "B", b);
        let alive = errors.alive();
        if alive > 0 {
            run.recorder().lacks(
                "outcome",
                "is not dropped    expected: dropped with the last clone",
            );
            run.diagnose(
                "never-dropped",
                format!(
                    "Every clone was dropped{}, and {alive} of 1 errors is still alive.",
                    if retrieves {
                        ", and what `retrieve` returned"
                    } else {
                        ", and the error was reported"
                    }
                ),
            );
        }
    }
}

#[test]
fn every_short_run_is_as_expected() {
    for outcome in [Kind::Error, Kind::Value, Kind::Cancelled] {
        Search::of(&ALPHABET)
            .up_to(5)
            .and_random(50, 20, 4)
            .compare(&run!(), || Yours::new(outcome), || Reference::new(outcome));
    }
}
