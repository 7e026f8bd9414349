//! late-ticks: how late a greedy task makes the ticks of another task.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::subject::{Because, batches, because};
use event_loop::greedy::{Measured, measure};
use probe::predict::steady;
use probe::{Run, run, snapshot};

/// No tick may be later.
const LATEST: Duration = Duration::from_micros(500);

/// How many thousandths of the time have to be work, at least.
const WORK: u32 = 950;

#[test]
fn with_your_largest_number_no_tick_is_more_than_500_us_late() {
    let run = run!();
    let largest = *range(&run).end();
    note(&run, largest);
    if is_in_time(largest) {
        return;
    }
    if (24..=25).contains(&largest) {
        run.diagnose(
            "one-batch-counted",
            format!(
                "{largest} items take about 500 µs: one poll of the greedy task. The measurement shows that a tick waits about twice as \
                 long.",
            ),
        );
    }
    run.departs(format!(
        "With {largest} items a tick is more than 500 µs late."
    ));
}

#[test]
fn with_one_item_more_a_tick_is_more_than_500_us_late() {
    let run = run!();
    let largest = *range(&run).end();
    note(&run, largest);
    note(&run, largest + 1);
    if is_in_time(largest + 1) {
        run.departs(format!(
            "With {} items no tick is more than 500 µs late, so {largest} is not the largest number.",
            largest + 1
        ));
    }
}

#[test]
fn with_your_smallest_number_95_percent_of_the_time_is_work() {
    let run = run!();
    let smallest = *range(&run).start();
    note(&run, smallest);
    if works_enough(smallest) {
        return;
    }
    if smallest == 1 {
        run.diagnose(
            "looks-are-free",
            "With one item a poll, the loop polls for events after each item, and that takes 6 µs. Each iteration has this cost, however \
             little it does.",
        );
    }
    run.departs(format!(
        "With {}, less than 95 % of the time is work.",
        items(smallest)
    ));
}

#[test]
fn with_one_item_less_under_95_percent_of_the_time_is_work() {
    let run = run!();
    let smallest = *range(&run).start();
    note(&run, smallest);
    if smallest > 1 && works_enough(smallest - 1) {
        note(&run, smallest - 1);
        run.departs(format!(
            "With {}, 95 % of the time is work as well, so {smallest} is not the smallest number.",
            items(smallest - 1)
        ));
    }
    let range = range(&run);
    let run = run!("both_ends");
    let (low, high) = (*range.start(), *range.end());
    for number in [low.saturating_sub(1).max(1), low, high, high + 1] {
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
        Because::ThePollUnderWayAndTheQueue => {}
        Because::ThePollUnderWay => run.diagnose(
            "one-batch-counted",
            "One poll of the greedy task takes 20 µs an item. If a tick waited for one poll only, none would be later than about 200 µs \
             with 10 items.",
        ),
        Because::AnEmptyQueue => run.diagnose(
            "timers-wait-for-the-queue",
            "The greedy task puts itself into the queue before its poll ends, so the queue is never empty at the start of an iteration. If \
             the loop fired timers only then, no tick would ever come.",
        ),
        Because::TheGreedyTasksManyPolls => run.diagnose(
            "greedy-gets-more-turns",
            "A woken task is polled once, and so is the greedy task. It is woken more often, but between two of its polls every other \
             ready task is polled.",
        ),
    }
}

/// The learner's range, if it is not empty.
#[track_caller]
fn range(run: &Run) -> RangeInclusive<u32> {
    let range = steady(run, batches);
    let (low, high) = (*range.start(), *range.end());
    if low > high {
        run.departs(format!(
            "The range begins at {low} and ends at {high}: it is empty."
        ));
    }
    if low == 0 || high > 10_000 {
        run.departs(format!(
            "The range goes from {low} to {high}. The instrument takes 1 to 10,000 items."
        ));
    }
    range
}

thread_local! {
    static MEASURED: RefCell<BTreeMap<u32, Measured>> = RefCell::default();
}

/// The measurement with this number of items, which is the same each time and taken once.
fn measured(batch: u32) -> Measured {
    MEASURED.with_borrow_mut(|measured| *measured.entry(batch).or_insert_with(|| measure(batch)))
}

fn is_in_time(batch: u32) -> bool {
    measured(batch).latest <= LATEST
}

fn works_enough(batch: u32) -> bool {
    measured(batch).working >= WORK
}

/// Records the measurement with this number of items.
fn note(run: &Run, batch: u32) {
    let measured = measured(batch);
    run.recorder().says(
        &items(batch),
        format!(
            "ticks up to {} µs late, {}.{} % of the time is work",
            measured.latest.as_micros(),
            measured.working / 10,
            measured.working % 10
        ),
    );
}

fn items(number: u32) -> String {
    match number {
        1 => "1 item".to_owned(),
        number => format!("{number} items"),
    }
}
