//! 6.4 unretrieved: an error that nobody asked for.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::subject::Kept;
use cancellation::{Failure, Outcome};
use event_loop::{BoxedTask, Spawn};
use probe::{Run, panics, run, snapshot};

/// A loop of which only its reports are of interest.
struct Reports {
    run: Run,
    said: RefCell<Vec<String>>,
}

impl Spawn for Reports {
    fn spawn_boxed(&self, _: BoxedTask) {
        self.run
            .departs("Something was spawned. Nothing has to be done here but to report.");
    }

    fn report(&self, problem: &str) {
        self.run.recorder().says("loop", "reports an error");
        self.said.borrow_mut().push(problem.to_owned());
    }
}

impl Reports {
    fn new(run: &Run) -> Rc<Reports> {
        Rc::new(Reports {
            run: run.clone(),
            said: RefCell::default(),
        })
    }

    fn count(&self) -> usize {
        self.said.borrow().len()
    }
}

#[derive(Debug)]
struct OutOfPaper;

impl fmt::Display for OutOfPaper {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("out of paper")
    }
}

impl std::error::Error for OutOfPaper {}

fn error() -> Outcome<u32> {
    Err(Failure::error(OutOfPaper))
}

/// An outcome that is kept, and the loop to which it would be reported.
fn kept(run: &Run, outcome: Outcome<u32>) -> (Kept<u32>, Rc<Reports>) {
    let reports = Reports::new(run);
    run.recorder()
        .says("outcome", format!("is kept: {}", says(&outcome)));
    (
        Kept::new(outcome, Rc::clone(&reports) as Rc<dyn Spawn>),
        reports,
    )
}

/// Drops one of those that hold it.
fn leaves(run: &Run, name: &str, kept: Kept<u32>) {
    let call = run.recorder().enters(name, "leaves");
    drop(kept);
    call.returns("is gone");
}

#[track_caller]
fn asks(run: &Run, name: &str, kept: &Kept<u32>) -> Outcome<u32> {
    let call = run.recorder().enters(name, "asks");
    let outcome = kept.retrieve();
    call.returns(says(&outcome));
    outcome
}

fn says(outcome: &Outcome<u32>) -> String {
    match outcome {
        Ok(value) => value.to_string(),
        Err(failure) => failure.to_string(),
    }
}

#[test]
fn whoever_asks_gets_the_outcome() {
    let run = run!();
    for (outcome, expected) in [
        (Ok(7), "7"),
        (error(), "out of paper"),
        (Err(Failure::Cancelled), "cancelled"),
    ] {
        let (kept, _) = kept(&run, outcome);
        for _ in 0..2 {
            let got = says(&asks(&run, "A", &kept));
            if got != expected {
                run.departs(format!(
                    "What is kept is {expected}, and whoever asks gets {got}."
                ));
            }
        }
    }
}

#[test]
fn an_error_that_nobody_asks_for_is_reported_when_it_is_gone() {
    let run = run!("nobody_asks");
    let (kept, reports) = kept(&run, error());
    if reports.count() > 0 {
        run.diagnose(
            "reported-too-early",
            "The error was reported when it came. Somebody still holds it, and may ask for it yet.",
        );
    }
    leaves(&run, "A", kept);
    match reports.count() {
        0 => run.diagnose(
            "never-reported",
            "An error has come to its end without anybody having asked for it, and nothing was reported. Nobody will ever learn of it.",
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
    leaves(&run, "A", kept);
    let said = reports.said.borrow();
    if !said.iter().all(|said| said.contains("out of paper")) {
        run.departs(format!(
            "The error was “out of paper”, and what was reported is: {}.",
            said.join(", ")
        ));
    }
}

#[test]
fn one_that_somebody_has_asked_for_is_not_reported() {
    let run = run!("somebody_asks");
    let (kept, reports) = kept(&run, error());
    let _outcome = asks(&run, "A", &kept);
    leaves(&run, "A", kept);
    if reports.count() > 0 {
        run.diagnose(
            "reported-though-retrieved",
            "A has asked for it, and got it: what A makes of it is A's business. It was reported all the same, as if nobody knew.",
        );
    }
    snapshot!(run);
}

#[test]
fn values_and_cancellations_are_not_reported() {
    let run = run!();
    let (value, reports) = kept(&run, Ok(7));
    leaves(&run, "A", value);
    if reports.count() > 0 {
        run.diagnose(
            "value-reported",
            "A value that nobody asked for was reported. Not to want a value is no mistake; it is errors that must not be lost.",
        );
    }
    let (cancelled, reports) = kept(&run, Err(Failure::Cancelled));
    leaves(&run, "A", cancelled);
    if reports.count() > 0 {
        run.diagnose(
            "cancellation-reported",
            "A cancellation was reported as an error that nobody asked for. Whoever has cancelled knows about it: it is what they wanted.",
        );
    }
}

#[test]
fn it_is_reported_with_the_last_who_holds_it() {
    let run = run!("the_last");
    let (a, reports) = kept(&run, error());
    let b = a.clone();
    run.recorder().says("B", "holds the same");
    leaves(&run, "A", a);
    if reports.count() > 0 {
        run.diagnose(
            "reported-too-early",
            "A has left, and the error was reported; B still holds it, and may ask for it yet.",
        );
    }
    leaves(&run, "B", b);
    match reports.count() {
        0 => run.diagnose(
            "never-reported",
            "The last who held the error has left, nobody has asked, and nothing was reported.",
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
fn if_one_of_several_has_asked_it_is_not_reported() {
    let run = run!();
    for asker in ["A", "B"] {
        let (a, reports) = kept(&run, error());
        let b = a.clone();
        let _outcome = asks(&run, asker, if asker == "A" { &a } else { &b });
        leaves(&run, "A", a);
        leaves(&run, "B", b);
        if reports.count() > 0 {
            run.diagnose(
                "asked-for-by-one",
                format!(
                    "{asker} has asked for the error, and it was reported. It is one error, however many hold it, so it counts for all of them \
                     that one has asked."
                ),
            );
        }
    }
}

#[test]
fn a_hundred_holders_are_one_report() {
    let run = run!();
    let (first, reports) = kept(&run, error());
    let others: Vec<Kept<u32>> = (0..99).map(|_| first.clone()).collect();
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
                "A hundred held one error, none has asked, and it was reported {} times.",
                reports.count()
            ),
        );
    }
}

#[test]
fn whoever_asks_last_and_leaves_last_has_asked() {
    let run = run!();
    let (a, reports) = kept(&run, error());
    let b = a.clone();
    leaves(&run, "A", a);
    let before = reports.count();
    let _outcome = asks(&run, "B", &b);
    leaves(&run, "B", b);
    if before > 0 {
        run.diagnose(
            "reported-too-early",
            "A has left, and the error was reported; B still holds it, and has asked for it afterwards.",
        );
    }
    if reports.count() > 0 {
        run.departs("B has asked for the error before it left, and it was reported.");
    }
}

#[test]
fn a_holder_that_is_gone_in_a_panic_reports_too() {
    let run = run!();
    let (kept, reports) = kept(&run, error());
    let _ = panics::expected(|| {
        let _kept = kept;
        panic!("something else went wrong");
    });
    if reports.count() != 1 {
        run.departs(format!(
            "It was dropped while a panic went by, and the error was reported {} times.",
            reports.count()
        ));
    }
}
