//! 1.6 closed-early: what happens to a generator that is not resumed to its end.

#[path = "closed_early/report.rs"]
mod report;

use super::subject::Report;
use generators::{Generator, Step};
use probe::{Run, leaks, panics, run, snapshot};
use probe_generators::laws;
use report::{
    Counted, GIVEN_BACK, LENT, close, first, gave_too_much, read, report, stays_complete,
};

#[test]
fn nothing_is_borrowed_before_the_first_resume() {
    let run = run!("never_resumed");
    let pool = Counted::new(&run);
    let report = laws::does_nothing_until_resumed(&run, || Report::new(&pool, vec!["one"]));
    close(&run, report);
    if pool.taken.get() > 0 {
        run.diagnose_at(
            first(&run, LENT),
            "borrowed-when-dropped",
            "This report was never resumed, and it borrowed a connection while it was dropped. A report that is dropped starts \
             nothing and finishes nothing: it gives back what it holds.",
        );
    }
    snapshot!(run);
}

#[test]
fn one_connection_is_enough_for_a_whole_report() {
    let run = run!("read_to_the_end");
    let pool = Counted::new(&run);
    let mut report = report(&run, &pool, vec!["one", "two", "three"]);
    read(&run, &mut report, 4);
    if pool.taken.get() > 1 {
        run.diagnose_at(
            first(&run, GIVEN_BACK).or(run.recorder().last_event()),
            "borrowed-for-each-step",
            "More than one connection was borrowed for one report. It keeps the first one while it is suspended after a row: once given \
             back, another report may borrow it.",
        );
    }
    close(&run, report);
}

#[test]
fn a_report_that_is_read_to_its_end_gives_its_connection_back() {
    let run = run!("read_to_the_end");
    let pool = Counted::new(&run);
    let mut report = report(&run, &pool, vec!["one", "two", "three"]);
    let (rows, count) = read(&run, &mut report, 4);
    if (&rows[..], count) != (&["one", "two", "three"], Some(3)) {
        run.departs("The rows come in order, and the report completes with their number.");
    }
    match pool.lent.get() {
        0 => {}
        lent if lent < 0 => gave_too_much(&run),
        _ => run.diagnose(
            "released-late",
            "The report has completed and still holds its connection. The caller may keep a completed report for as long as it likes.",
        ),
    }
    let back = first(&run, GIVEN_BACK);
    if back < first(&run, "yields \"three\"") {
        run.departs_at(
            back,
            "The connection was given back in a call that yielded a row. The report keeps it whenever it is suspended after a row, the \
             last one too, and gives it back when it completes.",
        );
    }
    snapshot!(run);
    close(&run, report);
}

#[test]
fn a_report_that_is_dropped_half_way_gives_its_connection_back() {
    let run = run!("dropped_half_way");
    let pool = Counted::new(&run);
    let mut report = report(&run, &pool, vec!["one", "two", "three"]);
    read(&run, &mut report, 1);
    close(&run, report);
    match pool.lent.get() {
        0 => {}
        lent if lent < 0 => gave_too_much(&run),
        _ => run.diagnose(
            "kept-when-closed",
            "The report was dropped while it was suspended between two rows, and the connection it held did not come back. Only \
             reading to the end gives it back.",
        ),
    }
    snapshot!(run);
}

#[test]
fn a_completed_report_panics_when_it_is_resumed_and_borrows_nothing() {
    let run = run!("after_the_end");
    let pool = Counted::new(&run);
    let mut report = report(&run, &pool, vec!["one"]);
    read(&run, &mut report, 2);
    stays_complete(&run, &pool, &mut report);
    snapshot!(run);
    close(&run, report);
}

#[test]
fn a_report_without_rows_borrows_and_gives_back_in_one_call() {
    let run = run!("no_rows");
    let pool = Counted::new(&run);
    let mut report = report(&run, &pool, vec![]);
    if read(&run, &mut report, 1) != (vec![], Some(0)) {
        run.departs("Without rows there is nothing to yield: the first call completes with 0.");
    }
    match (pool.taken.get(), pool.lent.get()) {
        (1, 0) => {}
        (0, _) => run.diagnose(
            "empty-list-forgotten",
            "There are no rows, and no connection was borrowed. A report borrows one when it is first resumed, before it knows how many rows there are.",
        ),
        (_, lent) if lent < 0 => gave_too_much(&run),
        (_, 0) => run.departs("More than one connection was borrowed for one report."),
        _ => run.diagnose(
            "released-late",
            "The report has completed and still holds its connection. The caller may keep a completed report for as long as it likes.",
        ),
    }
    stays_complete(&run, &pool, &mut report);
    snapshot!(run);
    close(&run, report);
}

#[test]
fn wherever_a_report_is_dropped_its_connection_comes_back() {
    for rows in 0..=5 {
        for resumes in 0..=rows + 1 {
            let run = run!();
            let pool = Counted::new(&run);
            let all: Vec<&'static str> = ["one", "two", "three", "four", "five"][..rows].to_vec();
            let mut report = report(&run, &pool, all.clone());
            let (got, count) = read(&run, &mut report, resumes);
            let right = (resumes > rows).then_some(rows);
            if got != all[..resumes.min(rows)] || count != right {
                run.departs("The rows come in order, one in each call, and the call after the last one completes with their number.");
            }
            close(&run, report);
            let taken = u32::from(resumes > 0);
            match pool.lent.get() {
                0 if pool.taken.get() == taken => {}
                0 => run.departs(format!(
                    "{} connections were borrowed for a report of {rows} rows that was resumed {resumes} times; expected: {taken}.",
                    pool.taken.get()
                )),
                lent if lent < 0 => gave_too_much(&run),
                _ => {
                    run.recorder().lacks("pool", "gets no connection back    expected: the one that was borrowed");
                    run.diagnose(
                    "kept-when-closed",
                    format!(
                        "A report was dropped: it had {rows} rows, and {resumes} calls of `resume`. The connection that it held did not \
                         come back to the pool."
                    ),
                )}
            }
        }
    }
}

#[test]
fn a_report_that_is_dropped_by_a_panic_gives_its_connection_back() {
    let run = run!();
    let pool = Counted::new(&run);
    let unwound = panics::expected(|| {
        let mut report = report(&run, &pool, vec!["one", "two"]);
        read(&run, &mut report, 1);
        run.recorder()
            .says("caller", "panics, and drops the report");
        panic!("the caller");
    });
    if unwound.is_err() && pool.lent.get() > 0 {
        run.recorder().lacks(
            "pool",
            "gets no connection back    expected: the one that was borrowed",
        );
        run.diagnose(
            "kept-when-closed",
            "The caller panicked while it held a report, and that dropped the report. The connection that it held did not come back.",
        );
    }
}

#[test]
fn a_report_of_seventy_thousand_rows_needs_one_connection() {
    let run = run!();
    let pool = Counted::quiet(&run);
    let mut report = Report::new(&pool, vec!["row"; 70_000]);
    for number in 1..=70_000 {
        let step = panics::expected(|| report.resume(()));
        run.recorder().clear();
        let call = run
            .recorder()
            .enters("report", format!("resume(), its call of number {number}"));
        match step {
            Ok(Step::Yielded("row")) => call.returns("yields \"row\""),
            Ok(Step::Yielded(row)) => {
                call.returns(format!("yields {row:?}    expected: \"row\""));
                run.departs("The rows come in order, one in each call.");
            }
            Ok(Step::Complete(count)) => {
                call.returns(format!(
                    "completes with {count}    expected: yields \"row\""
                ));
                run.departs("The report completed before its last row.");
            }
            Err(panic) => {
                call.returns("panics    expected: yields \"row\"");
                run.departs(format!("`resume` panicked: {}.", panic.message));
            }
        }
        if pool.taken.get() > 1 {
            run.diagnose(
                "borrowed-for-each-step",
                format!(
                    "{} connections were borrowed for one report of 70,000 rows, the last one in the call of number {number}. It keeps \
                     the first one while it is suspended after a row.",
                    pool.taken.get()
                ),
            );
        }
        if pool.lent.get() != 1 {
            run.departs(format!(
                "After {number} rows the report holds {} connections, and should hold 1.",
                pool.lent.get()
            ));
        }
    }
    let call = run
        .recorder()
        .enters("report", "resume(), after 70,000 rows");
    match panics::expected(|| report.resume(())) {
        Ok(Step::Complete(70_000)) => {}
        Ok(Step::Complete(count)) => {
            call.returns(format!(
                "completes with {count}    expected: completes with 70000"
            ));
            let seen = format!(
                "The report yielded 70,000 rows and completed with {count}. It was right for a few rows."
            );
            if [70_000 % 256, 70_000 % 65_536, 255, 65_535].contains(&count) {
                run.diagnose("count-wraps", seen);
            }
            run.departs(seen);
        }
        _ => {
            call.returns("does not complete");
            run.departs("The call after the last row completes.");
        }
    }
}

#[test]
fn reports_that_were_dropped_before_do_not_change_later_ones() {
    let run = run!();
    let pool = Counted::new(&run);
    for round in 0..300_usize {
        let mut one = report(&run, &pool, vec!["one", "two"]);
        read(&run, &mut one, round % 4);
        close(&run, one);
        if pool.lent.get() != 0 {
            run.recorder().clear();
            run.recorder().says(
                "caller",
                format!(
                    "made, resumed and dropped {} reports of two rows",
                    round + 1
                ),
            );
            run.departs(format!(
                "After {} reports, {} connections have not come back to the pool.",
                round + 1,
                pool.lent.get()
            ));
        }
        run.recorder().clear();
    }
}

#[test]
fn a_dropped_report_leaves_no_memory_behind() {
    leaks::no_memory_is_left(&run!(), "report", || {
        let pool = Counted::new(&Run::unnamed());
        let mut report = Report::new(&pool, vec!["one", "two"]);
        let _row = report.resume(());
        drop(report);
        let mut whole = Report::new(&pool, vec!["one"]);
        while let Step::Yielded(_row) = whole.resume(()) {}
    });
}
