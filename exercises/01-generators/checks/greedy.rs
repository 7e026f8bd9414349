//! 1.9 greedy: what a task that does not yield does to the others, measured.

use super::subject::{Because, because, largest_batch};
use generators::work::longest_wait;
use probe::predict;
use probe::{Run, run, snapshot};

/// No task may wait for longer than this.
const LIMIT: u64 = 1_000;

#[test]
fn with_this_batch_no_task_waits_longer_than_a_thousand_units() {
    let run = run!();
    let batch = measured(&run);
    let wait = longest_wait(batch);
    note(&run, batch);
    if batch == LIMIT {
        run.diagnose(
            "only-the-greedy-counted",
            format!(
                "With 1,000 units the wait is {wait}: a polite task waits for the greedy one, and for the other polite ones as well.",
            ),
        );
    }
    let more = match batch {
        990 => {
            " This leaves room for one turn of a polite task: look once more at who has a turn in between."
        }
        1_020 => {
            " The turns of the other polite tasks are part of the wait: they have to fit into the 1,000 as well."
        }
        _ => "",
    };
    if wait > LIMIT {
        run.departs(format!(
            "With {} a polite task waits for {wait}.{more}",
            units(batch)
        ));
    }
}

#[test]
fn with_one_unit_more_a_task_would() {
    // The snapshot is another run: a number that is too small must not be answered with the right one.
    let run = run!();
    let batch = measured(&run);
    note(&run, batch);
    if batch == LIMIT - 30 {
        run.diagnose(
            "counts-itself",
            "A task does not wait for itself: of the three polite ones, one is the one that waits.",
        );
    }
    note(&run, batch + 1);
    if longest_wait(batch + 1) <= LIMIT {
        run.departs(format!(
            "{} would still be bearable, so {batch} is not the largest number.",
            units(batch + 1)
        ));
    }
    let run = run!("the_largest_batch");
    note(&run, batch);
    note(&run, batch + 1);
    snapshot!(run);
}

#[test]
fn the_reason_is_the_one_that_the_measurement_shows() {
    let run = run!();
    let reason = predict::steady(&run, because);
    run.recorder().says("because", format!("{reason:?}"));
    match reason {
        Because::OnlyTheTaskEndsItsTurn => {}
        Because::TurnsAreTimeSlices => run.diagnose(
            "turns-are-time-slices",
            "If turns were slices of time, the wait would not grow with the batch: the trampoline would interrupt the greedy task.",
        ),
        Because::TheGreedyTaskGetsMoreTurns => run.diagnose(
            "greedy-gets-more-turns",
            "Each of the four gets one turn a round, the greedy one too. It has more work in its turn, not more turns.",
        ),
        Because::TheQueueGrows => run.diagnose(
            "queue-grows",
            "The queue holds the same four tasks all the time. A larger batch makes the turn of the greedy task longer, not the queue.",
        ),
    }
}

/// Notes how much the greedy task does, and how long a polite one waits for that.
fn note(run: &Run, batch: u64) {
    let wait = longest_wait(batch);
    run.recorder()
        .says("greedy", format!("does {} in a turn", units(batch)));
    run.recorder()
        .says("polite", format!("waits for {}", units(wait)));
}

fn units(number: u64) -> String {
    match number {
        1 => "1 unit".to_owned(),
        number => format!("{number} units"),
    }
}

/// The learner's number, if it can be one at all.
#[track_caller]
fn measured(run: &Run) -> u64 {
    match predict::steady(run, largest_batch) {
        batch @ 0..=1_000_000 => batch,
        batch => run.departs(format!(
            "{batch} units in one turn are far more than a program could wait for."
        )),
    }
}
