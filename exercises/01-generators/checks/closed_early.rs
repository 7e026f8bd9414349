//! 1.6 closed-early: what happens to a generator that nobody resumes to its end.

use std::cell::Cell;

use super::subject::{Pool, Report};
use generators::{Generator, Step};
use probe::{Recorder, Run, panics, run, snapshot};
use probe_generators::{Spy, laws, spy};

#[test]
fn nothing_is_borrowed_before_the_first_resume() {
    let run = run!();
    let pool = Counted::new(&run);
    let report = laws::does_nothing_until_resumed(&run, || Report::new(&pool, vec!["one"]));
    close(&run, report);
    if pool.taken.get() > 0 {
        run.diagnose(
            "eager-start",
            "A report that nobody ever resumed has borrowed a connection.",
        );
    }
}

#[test]
fn one_connection_is_enough_for_a_whole_report() {
    let run = run!();
    let pool = Counted::new(&run);
    let mut report = report(&run, &pool, vec!["one", "two", "three"]);
    laws::drive(&mut report, [(); 4]);
    if pool.taken.get() > 1 {
        run.diagnose(
            "borrowed-for-each-step",
            "More than one connection was borrowed for one report: it gives the first one back while it is paused between two rows, \
             and somebody else may get it.",
        );
    }
    close(&run, report);
}

#[test]
fn a_report_that_is_read_to_its_end_gives_its_connection_back() {
    let run = run!("read_to_the_end");
    let pool = Counted::new(&run);
    let mut report = report(&run, &pool, vec!["one", "two"]);
    let (rows, count) = laws::drive(&mut report, [(); 3]);
    if (&rows[..], count) != (&["one", "two"], Some(2)) {
        run.departs("The rows come in order, and the report completes with their number.");
    }
    match pool.lent.get() {
        0 => {}
        lent if lent < 0 => gave_too_much(&run),
        _ => run.diagnose(
            "released-late",
            "The report has completed and still holds its connection. Whoever has the report may keep it for as long as they like.",
        ),
    }
    snapshot!(run);
    close(&run, report);
}

#[test]
fn a_report_that_is_dropped_half_way_gives_its_connection_back() {
    let run = run!("dropped_half_way");
    let pool = Counted::new(&run);
    let mut report = report(&run, &pool, vec!["one", "two", "three"]);
    let _row: Step<_, _> = report.resume(());
    close(&run, report);
    match pool.lent.get() {
        0 => {}
        lent if lent < 0 => gave_too_much(&run),
        _ => run.diagnose(
            "kept-when-closed",
            "The report was dropped while it was paused between two rows, and the connection it held is gone for good. Only \
             reading to the end gives it back.",
        ),
    }
    snapshot!(run);
}

#[test]
fn a_completed_report_panics_when_it_is_resumed_and_borrows_nothing() {
    let run = run!();
    let pool = Counted::new(&run);
    let mut report = report(&run, &pool, vec!["one"]);
    laws::drive(&mut report, [(); 2]);
    let before = pool.taken.get();
    laws::stays_complete(&run, &mut report, ());
    if pool.taken.get() > before {
        run.diagnose(
            "resumed-after-complete",
            "The completed report borrowed another connection before it panicked.",
        );
    }
    close(&run, report);
}

fn report<'p>(run: &Run, pool: &'p Counted, rows: Vec<&'static str>) -> Spy<Report<'p, Counted>> {
    spy(run, "report", Report::new(pool, rows))
}

/// Drops a report. That this never panics is part of every promise.
#[track_caller]
fn close<R>(run: &Run, report: R) {
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
fn gave_too_much(run: &Run) -> ! {
    run.departs("More connections came back than were borrowed.")
}

/// A pool that counts, and notes what it lends. Its connections cannot be made or copied by anybody else.
struct Counted {
    recorder: Recorder,
    taken: Cell<u32>,
    lent: Cell<i32>,
}

struct Connection;

impl Counted {
    fn new(run: &Run) -> Counted {
        Counted {
            recorder: run.recorder().clone(),
            taken: Cell::new(0),
            lent: Cell::new(0),
        }
    }
}

impl Pool for Counted {
    type Connection = Connection;

    fn take(&self) -> Connection {
        self.recorder.says("pool", "lends a connection");
        self.taken.set(self.taken.get() + 1);
        self.lent.set(self.lent.get() + 1);
        Connection
    }

    fn give_back(&self, Connection: Connection) {
        self.recorder.says("pool", "gets a connection back");
        self.lent.set(self.lent.get() - 1);
    }
}
