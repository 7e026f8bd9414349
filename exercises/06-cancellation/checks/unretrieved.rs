//! 6.4 unretrieved: an error that is never retrieved.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

use super::subject::Kept;
use cancellation::{Failure, Outcome};
use event_loop::{BoxedTask, Spawn};
use probe::detect::{DropCounter, Token};
use probe::runs::{Machine, Operation, Search, Step as Seen};
use probe::{Run, panics, run, snapshot};
use probe_loop::ManualLoop;

/// A loop that only records what is reported to it.
struct Reports {
    run: Run,
    said: RefCell<Vec<String>>,
}

impl Spawn for Reports {
    fn spawn_boxed(&self, _: BoxedTask) {
        self.run
            .departs("A task was spawned. The only thing to do here is to report.");
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

/// A kept outcome, and the loop to which it would be reported.
fn kept(run: &Run, outcome: Outcome<u32>) -> (Kept<u32>, Rc<Reports>) {
    let reports = Reports::new(run);
    run.recorder()
        .says("outcome", format!("is kept: {}", says(&outcome)));
    (
        Kept::new(outcome, Rc::clone(&reports) as Rc<dyn Spawn>),
        reports,
    )
}

/// Drops one owner's clone.
fn drops(run: &Run, name: &str, kept: Kept<u32>) {
    let call = run.recorder().enters(name, "drops its clone");
    drop(kept);
    call.returns("dropped");
}

#[track_caller]
fn retrieves(run: &Run, name: &str, kept: &Kept<u32>) -> Outcome<u32> {
    let call = run.recorder().enters(name, "retrieve()");
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
fn retrieve_returns_the_outcome_each_time() {
    let run = run!();
    for (outcome, expected) in [
        (Ok(7), "7"),
        (error(), "out of paper"),
        (Err(Failure::Cancelled), "cancelled"),
    ] {
        let (kept, _) = kept(&run, outcome);
        for _ in 0..2 {
            let got = says(&retrieves(&run, "A", &kept));
            if got != expected {
                run.departs(format!(
                    "The outcome is {expected}, and `retrieve` returned {got}."
                ));
            }
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
fn every_short_run_is_as_expected() {
    for outcome in [Kind::Error, Kind::Value, Kind::Cancelled] {
        Search::of(&ALPHABET)
            .up_to(5)
            .and_random(50, 20, 4)
            .compare(&run!(), || Yours::new(outcome), || Reference::new(outcome));
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Error,
    Value,
    Cancelled,
}

/// One step of a short run: something that one of the owners does.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    Clone,
    DropOldest,
    DropNewest,
    RetrieveByOldest,
    RetrieveByNewest,
}

const ALPHABET: [Step; 5] = [
    Step::Clone,
    Step::DropOldest,
    Step::DropNewest,
    Step::RetrieveByOldest,
    Step::RetrieveByNewest,
];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::DropOldest | Step::RetrieveByOldest => "oldest clone".into(),
            _ => "newest clone".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Clone => "clone()".into(),
            Step::DropOldest | Step::DropNewest => "is dropped".into(),
            Step::RetrieveByOldest | Step::RetrieveByNewest => "retrieve()".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Clone => "the newest clone was cloned".into(),
            Step::DropOldest => "the oldest clone was dropped".into(),
            Step::DropNewest => "the newest clone was dropped".into(),
            Step::RetrieveByOldest => "the oldest clone retrieved the outcome".into(),
            Step::RetrieveByNewest => "the newest clone retrieved the outcome".into(),
        }
    }
}

/// A value that is counted, with its clones.
struct Value(DropCounter, #[allow(dead_code)] Token);

impl Value {
    fn new(values: &DropCounter) -> Value {
        Value(values.clone(), values.token())
    }
}

impl Clone for Value {
    fn clone(&self) -> Value {
        Value::new(&self.0)
    }
}

/// Carries out the steps on the clones of one outcome of `$module`.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        struct $name {
            clones: VecDeque<$($module)::+::Kept<Value>>,
            event_loop: Rc<ManualLoop>,
            values: DropCounter,
        }

        impl $name {
            fn new(kind: Kind) -> $name {
                let (values, event_loop) = (DropCounter::new(), Rc::new(ManualLoop::default()));
                let outcome = match kind {
                    Kind::Error => Err(Failure::error(OutOfPaper)),
                    Kind::Value => Ok(Value::new(&values)),
                    Kind::Cancelled => Err(Failure::Cancelled),
                };
                let spawn = Rc::<ManualLoop>::clone(&event_loop);
                let kept = $($module)::+::Kept::new(outcome, spawn);
                $name { clones: VecDeque::from([kept]), event_loop, values }
            }

            fn outcome(&mut self, step: Step) -> Option<Cow<'static, str>> {
                let retrieved = match step {
                    Step::Clone => {
                        let clone = self.clones.back()?.clone();
                        self.clones.push_back(clone);
                        return Some("a clone".into());
                    }
                    Step::DropOldest => {
                        drop(self.clones.pop_front()?);
                        return Some("dropped".into());
                    }
                    Step::DropNewest => {
                        drop(self.clones.pop_back()?);
                        return Some("dropped".into());
                    }
                    Step::RetrieveByOldest => self.clones.front()?.retrieve(),
                    Step::RetrieveByNewest => self.clones.back()?.retrieve(),
                };
                Some(match retrieved {
                    Ok(_) => "the value".into(),
                    Err(failure) => failure.to_string().into(),
                })
            }

            fn reported(&self, step: Seen) -> Seen {
                let reports = self.event_loop.reports();
                let named = reports.iter().all(|said| said.contains("out of paper"));
                let said = match (reports.len(), named) {
                    (0, _) => "nothing".to_owned(),
                    (1, true) => "the error".to_owned(),
                    (1, false) => "something that does not name the error".to_owned(),
                    (times, _) => format!("{times} reports"),
                };
                step.absence("the report", said)
            }
        }

        impl Machine for $name {
            type Operation = Step;

            fn apply(&mut self, operation: &Step) -> Option<Seen> {
                let outcome = self.outcome(*operation)?;
                Some(self.reported(Seen::of(outcome)))
            }

            fn end(mut self) -> Seen {
                self.clones.clear();
                let owners = Rc::strong_count(&self.event_loop) - 1;
                self.reported(Seen::of("every clone is dropped"))
                    .absence("values", format!("{} alive", self.values.alive()))
                    .absence("owners of the loop's handle", owners.to_string())
            }
        }
    };
}

machine!(Yours, super::subject);
machine!(Reference, cancellation);
