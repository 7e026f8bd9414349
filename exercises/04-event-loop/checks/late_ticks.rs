//! 4.7 late-ticks: what a task that always has something to do does to one that wants to be on time.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::subject::{Because, batches, because};
use event_loop::greedy::measure;
use probe::{Run, run, snapshot};

/// No tick may be later.
const LATEST: Duration = Duration::from_micros(500);

/// So many thousandths of the time are to be work.
const WORK: u32 = 950;

#[test]
fn with_the_largest_number_no_tick_is_too_late() {
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
                "{largest} items take about 500 µs, so this counts one poll of the greedy task. The measurement says that a tick waits for \
                 about twice as long.",
            ),
        );
    }
    run.departs(format!(
        "With {largest} items a tick comes more than 500 µs late."
    ));
}

#[test]
fn with_one_item_more_a_tick_would_be_too_late() {
    let run = run!();
    let largest = *range(&run).end();
    note(&run, largest);
    note(&run, largest + 1);
    if is_in_time(largest + 1) {
        run.departs(format!(
            "With {} items all ticks would still be in time, so {largest} is not the largest number.",
            largest + 1
        ));
    }
}

#[test]
fn with_the_smallest_number_enough_of_the_time_is_work() {
    let run = run!();
    let smallest = *range(&run).start();
    note(&run, smallest);
    if works_enough(smallest) {
        return;
    }
    if smallest == 1 {
        run.diagnose(
            "looks-are-free",
            "With one item in a poll the loop looks for events after each item, and a look takes time, too. It is part of each turn, however \
             little is done in it.",
        );
    }
    run.departs(format!(
        "With {} less than 95 % of the time is work.",
        items(smallest)
    ));
}

#[test]
fn with_one_item_less_it_would_not_be() {
    let run = run!();
    let smallest = *range(&run).start();
    note(&run, smallest);
    if smallest > 1 && works_enough(smallest - 1) {
        note(&run, smallest - 1);
        run.departs(format!(
            "With {} enough of the time is still work, so {smallest} is not the smallest number.",
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
fn the_reason_is_the_one_that_the_measurement_shows() {
    let run = run!();
    let reason = because();
    run.recorder().says("because", format!("{reason:?}"));
    match reason {
        Because::ThePollUnderWayAndTheQueue => {}
        Because::ThePollUnderWay => run.diagnose(
            "one-batch-counted",
            "One poll of the greedy task takes 20 µs an item. If a tick waited for that alone, then with 10 items none would be later than \
             about 200 µs.",
        ),
        Because::AnEmptyQueue => run.diagnose(
            "timers-wait-for-the-queue",
            "The greedy task puts itself into the queue before its poll is over, so it is never empty here. If the loop looked at its timers \
             only then, there would be no tick at all.",
        ),
        Because::TheGreedyTasksManyPolls => run.diagnose(
            "greedy-gets-more-turns",
            "Who is woken is polled once, the greedy task as well. It is woken more often, but between two polls of it everybody has had \
             a turn who was ready.",
        ),
    }
}

/// The learner's range, if it can be one at all.
#[track_caller]
fn range(run: &Run) -> RangeInclusive<u32> {
    let range = batches();
    let (low, high) = (*range.start(), *range.end());
    if low > high {
        run.departs(format!(
            "The range begins at {low} and ends at {high}, so there is nothing in it."
        ));
    }
    if low == 0 || high > 10_000 {
        run.departs(format!(
            "The range goes from {low} to {high}. A poll does one item at the least, and nobody would wait for ten thousand."
        ));
    }
    range
}

fn is_in_time(batch: u32) -> bool {
    measure(batch).latest <= LATEST
}

fn works_enough(batch: u32) -> bool {
    measure(batch).working >= WORK
}

/// Notes what comes of so many items.
fn note(run: &Run, batch: u32) {
    let measured = measure(batch);
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
