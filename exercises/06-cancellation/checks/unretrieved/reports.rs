//! The outcomes of this check, and what is reported of them.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::super::subject::Kept;
use cancellation::{Failure, Outcome};
use event_loop::{BoxedTask, Spawn};
use probe::Run;
use probe::detect::Token;

/// A loop that only records what is reported to it.
pub(super) struct Reports {
    run: Run,
    pub(super) said: RefCell<Vec<String>>,
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
    pub(super) fn new(run: &Run) -> Rc<Reports> {
        Rc::new(Reports {
            run: run.clone(),
            said: RefCell::default(),
        })
    }

    pub(super) fn count(&self) -> usize {
        self.said.borrow().len()
    }
}

/// An error, and what counts that it is alive.
#[derive(Debug)]
pub(super) struct OutOfPaper(#[allow(dead_code)] pub(super) Option<Token>);

impl fmt::Display for OutOfPaper {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("out of paper")
    }
}

impl std::error::Error for OutOfPaper {}

pub(super) fn error() -> Outcome<u32> {
    Err(Failure::error(OutOfPaper(None)))
}

/// A kept outcome, and the loop to which it would be reported.
pub(super) fn kept(run: &Run, outcome: Outcome<u32>) -> (Kept<u32>, Rc<Reports>) {
    let reports = Reports::new(run);
    run.recorder()
        .says("outcome", format!("is kept: {}", says(&outcome)));
    (
        Kept::new(outcome, Rc::clone(&reports) as Rc<dyn Spawn>),
        reports,
    )
}

/// Drops one owner's clone.
pub(super) fn drops(run: &Run, name: &str, kept: Kept<u32>) {
    let call = run.recorder().enters(name, "drops its clone");
    drop(kept);
    call.returns("dropped");
}

#[track_caller]
pub(super) fn retrieves(run: &Run, name: &str, kept: &Kept<u32>) -> Outcome<u32> {
    let call = run.recorder().enters(name, "retrieve()");
    let outcome = kept.retrieve();
    call.returns(says(&outcome));
    outcome
}

pub(super) fn says(outcome: &Outcome<u32>) -> String {
    match outcome {
        Ok(value) => value.to_string(),
        Err(failure) => failure.to_string(),
    }
}
