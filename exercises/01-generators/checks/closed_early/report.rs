//! A report, its pool, and what became of the connection.

use std::cell::Cell;

use super::super::subject::{Pool, Report};
use generators::{Generator, Step};
use probe::{Event, Recorder, Run, What, panics, run};
use probe_generators::{Spy, laws, spy};

/// What the pool says, so that it can be found in a recording.
pub(super) const LENT: &str = "lends a connection";
pub(super) const GIVEN_BACK: &str = "gets a connection back";

#[track_caller]
pub(super) fn stays_complete<'p>(run: &Run, pool: &Counted, report: &mut Spy<Report<'p, Counted>>) {
    let before = pool.taken.get();
    laws::stays_complete(run, report, ());
    if pool.taken.get() > before {
        run.diagnose(
            "resumed-after-complete",
            "The report had completed. Resumed once more it panics, as it should, but it borrows another connection before.",
        );
    }
}

/// Resumes a report, at most so often, until it completes. Every test demands that it does not panic before.
#[track_caller]
pub(super) fn read(
    run: &Run,
    report: &mut Spy<Report<'_, Counted>>,
    at_most: usize,
) -> (Vec<&'static str>, Option<usize>) {
    let mut rows = Vec::new();
    for _ in 0..at_most {
        match panics::expected(|| report.resume(())) {
            Ok(Step::Yielded(row)) => rows.push(row),
            Ok(Step::Complete(count)) => return (rows, Some(count)),
            Err(panic) if !rows.is_empty() && means_completion(&panic.message) => run.diagnose(
                "state-left-taken",
                format!(
                    "`resume` panicked as if the report were complete ({}), although the call before had yielded a row: what that \
                     call took out of `self`, it did not put back.",
                    panic.message
                ),
            ),
            Err(panic) => run.departs(format!("`resume` panicked: {}.", panic.message)),
        }
    }
    (rows, None)
}

/// Whether this is how the learner's report panics when it is complete.
fn means_completion(message: &str) -> bool {
    let run = run!();
    let pool = Counted::new(&run);
    let mut report = Report::new(&pool, vec![]);
    let after_the_end = panics::expected(|| {
        let _end: Step<_, _> = report.resume(());
        report.resume(())
    });
    matches!(after_the_end, Err(panic) if panic.message == message)
}

/// The first event that says, or ends with, these words.
pub(super) fn first(run: &Run, words: &str) -> Option<usize> {
    let events = run.recorder().recording().events;
    let says = |event: &Event| matches!(&event.what, What::Says(text) | What::Leaves(text) if text == words);
    events.iter().position(says)
}

pub(super) fn report<'p>(
    run: &Run,
    pool: &'p Counted,
    rows: Vec<&'static str>,
) -> Spy<Report<'p, Counted>> {
    spy(run, "report", Report::new(pool, rows))
}

/// Drops a report. Every test demands that this never panics.
#[track_caller]
pub(super) fn close<R>(run: &Run, report: R) {
    run.recorder().says("caller", "drops the report");
    if let Err(panic) = panics::expected(|| drop(report)) {
        run.diagnose(
            "panics-when-dropped",
            format!(
                "Dropping the report panicked: {}. A report can be dropped at any time: before it has borrowed a connection, while \
                 it holds one, and after it has given it back.",
                panic.message
            ),
        );
    }
}

#[track_caller]
pub(super) fn gave_too_much(run: &Run) -> ! {
    run.departs("More connections came back than were borrowed.")
}

/// A pool that counts, and notes what it lends. No other code can make or copy its connections.
pub(super) struct Counted {
    pub(super) recorder: Recorder,
    pub(super) taken: Cell<u32>,
    pub(super) lent: Cell<i32>,
    /// Whether it notes nothing.
    quiet: bool,
}

pub(super) struct Connection;

impl Counted {
    pub(super) fn new(run: &Run) -> Counted {
        Counted {
            recorder: run.recorder().clone(),
            taken: Cell::new(0),
            lent: Cell::new(0),
            quiet: false,
        }
    }

    /// A pool that counts, and notes nothing.
    pub(super) fn quiet(run: &Run) -> Counted {
        Counted {
            quiet: true,
            ..Counted::new(run)
        }
    }

    fn notes(&self, what: &'static str) {
        if !self.quiet {
            self.recorder.says("pool", what);
        }
    }
}

impl Pool for Counted {
    type Connection = Connection;

    fn take(&self) -> Connection {
        self.notes(LENT);
        self.taken.set(self.taken.get() + 1);
        self.lent.set(self.lent.get() + 1);
        Connection
    }

    fn give_back(&self, Connection: Connection) {
        self.notes(GIVEN_BACK);
        self.lent.set(self.lent.get() - 1);
    }
}
