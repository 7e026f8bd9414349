//! 8.6 hand-off: how often a waiting task may be overtaken.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::subject::{Because, because, overtakings};
use probe::predict::steady;
use probe::{Run, run, snapshot};
use synchronization::hand_off::{Measured, Overtaking, measure};

/// The lock has to be taken this often in 100 ms, at the least.
const LOCKS: u32 = 4_700;

/// No task may wait longer.
const LONGEST: Duration = Duration::from_micros(1_200);

#[test]
fn with_your_largest_number_no_task_waits_longer_than_1200_us() {
    let run = run!();
    let largest = *range(&run).end();
    let measured = note(&run, largest);
    if measured.longest <= LONGEST {
        return;
    }
    if (45..=60).contains(&largest) {
        run.diagnose(
            "one-waiter-counted",
            format!(
                "{largest} overtakings and one hand-over take about 1,200 µs. Seven tasks wait. The last of them waits until each of the \
                 six before it has been first, and was overtaken as often.",
            ),
        );
    }
    run.departs(format!(
        "With up to {largest} overtakings a task waits {} µs.",
        measured.longest.as_micros()
    ));
}

#[test]
fn with_one_overtaking_more_a_task_waits_longer_than_1200_us() {
    let run = run!();
    let largest = *range(&run).end();
    note(&run, largest);
    let next = largest + 1;
    if note(&run, next).longest <= LONGEST {
        run.departs(format!(
            "With up to {next} overtakings no task waits longer than 1,200 µs, so {largest} is not the largest number."
        ));
    }
}

#[test]
fn with_your_smallest_number_the_lock_is_taken_4700_times_in_100_ms() {
    let run = run!();
    let smallest = *range(&run).start();
    let measured = note(&run, smallest);
    if measured.locks >= LOCKS {
        return;
    }
    if smallest == 0 {
        run.diagnose(
            "fairness-is-free",
            format!(
                "With 0 overtakings each `unlock` hands the lock over, and the lock is taken {} times in 100 ms. Without a limit it is \
                 5,000 times.",
                measured.locks
            ),
        );
    }
    run.departs(format!(
        "With up to {smallest} overtakings the lock is taken {} times in 100 ms.",
        measured.locks
    ));
}

#[test]
fn with_one_overtaking_less_it_is_taken_less_often() {
    let run = run!();
    let range = range(&run);
    let (low, high) = (*range.start(), *range.end());
    if low > 0 && note(&run, low - 1).locks >= LOCKS {
        run.departs(format!(
            "With up to {} overtakings the lock is taken at least 4,700 times in 100 ms as well, so {low} is not the smallest number.",
            low - 1
        ));
    }
    let run = run!("both_ends");
    for number in [0, low.saturating_sub(1), low, high, high + 1] {
        note(&run, number);
    }
    snapshot!(run);
}

#[test]
fn the_reason_agrees_with_the_measurement() {
    let run = run!();
    let reason = steady(&run, because);
    run.recorder().says("because", format!("{reason:?}"));
    match reason {
        Because::TheOwnerIsNotPolledYet => {}
        Because::MoreTasksAreWoken => run.diagnose(
            "barging-wakes-nobody",
            "Each `unlock` wakes the first waiting task, with a limit and without one. Without a limit that task is woken, finds the lock \
             taken, and waits again.",
        ),
        Because::TheQueueIsLonger => run.diagnose(
            "queues-are-slow",
            "Seven of the eight tasks wait, with a limit and without one. And this clock moves only when a task waits and when the loop \
             polls for events: an operation on the queue takes no time here.",
        ),
        Because::TasksKeepItLonger => run.diagnose(
            "lock-kept-longer",
            "Each task keeps the lock for 20 µs, however it got it: that is its answer's time. With 0 overtakings the lock is taken every \
             26 µs. Look for the 6 µs between `unlock` and the next answer that is asked for.",
        ),
    }
}

/// The learner's range, if it is not empty.
#[track_caller]
fn range(run: &Run) -> RangeInclusive<u32> {
    let range = steady(run, overtakings);
    let (low, high) = (*range.start(), *range.end());
    if low > high {
        run.departs(format!(
            "The range begins at {low} and ends at {high}: it is empty."
        ));
    }
    if high > 1_000_000 {
        run.departs(format!(
            "The range ends at {high}. In 100 ms the lock is taken 5,000 times at most."
        ));
    }
    range
}

/// Measures, and records the figures.
fn note(run: &Run, number: u32) -> Measured {
    let measured = measure(Overtaking::UpTo(number));
    run.recorder().says(
        &match number {
            1 => "1 overtaking".to_owned(),
            number => format!("{number} overtakings"),
        },
        format!(
            "{} locks in 100 ms, the longest wait {} µs",
            measured.locks,
            measured.longest.as_micros()
        ),
    );
    measured
}
