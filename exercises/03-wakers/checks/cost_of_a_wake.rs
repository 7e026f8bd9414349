//! 3.5 cost-of-a-wake: a wake, and a thread's sleep, measured.

use super::subject::{Because, because, wakes_in_a_round_trip};
use probe::{Run, run, snapshot};

/// What machines of all kinds have shown, and far more: nothing beyond these is a measurement.
const PLAUSIBLE: std::ops::RangeInclusive<u64> = 5..=100_000;

/// How wide an answer may be.
const SPAN: u64 = 100;

#[test]
fn the_range_says_how_much_dearer_a_round_trip_is() {
    let run = run!();
    let range = wakes_in_a_round_trip();
    let (low, high) = (*range.start(), *range.end());
    run.recorder()
        .says("range", format!("from {low} to {high} wakes"));
    if low > high {
        run.departs(format!(
            "The range begins at {low} and ends at {high}, so there is nothing in it."
        ));
    }
    if low == 0 || high / low > SPAN {
        run.departs(format!(
            "From {low} to {high} is more than a factor of {SPAN}: that says too little. Run the program a few times, and leave a \
             little room below the smallest figure and above the largest.",
        ));
    }
    if high < *PLAUSIBLE.start() {
        run.diagnose(
            "round-trip-taken-for-a-wake",
            "Here a round trip costs about as much as a wake. Divide the second line of the program's output by the first.",
        );
    }
    if low > *PLAUSIBLE.end() {
        run.departs(format!(
            "{low} wakes are far more than a round trip takes on any machine."
        ));
    }
}

#[test]
fn the_reason_is_the_one_that_the_measurement_shows() {
    let run = run!("the_reason");
    let reason = because();
    match reason {
        Because::TheSystemSwitchesThreads => {}
        Because::WakersAreAllocated => wrong(
            &run,
            "wakers-are-allocated",
            "A wake moves a task's number into a queue: nothing is allocated for it. And memory costs tens of nanoseconds, not \
             thousands.",
        ),
        Because::LocksAreSlow => wrong(
            &run,
            "locks-are-slow",
            "The wake on one thread takes a lock, too, the one around the queue, and costs next to nothing: a lock that nobody \
             else wants is a few nanoseconds.",
        ),
        Because::ValuesAreCopied => wrong(
            &run,
            "values-are-copied",
            "Nothing is copied: threads share their memory, and what is handed over in this program has no bytes at all.",
        ),
    }
    run.recorder().says("because", format!("{reason:?}"));
    snapshot!(run);
}

#[track_caller]
fn wrong(run: &Run, mistake: &str, sentence: &str) -> ! {
    run.recorder().says("because", format!("{:?}", because()));
    run.diagnose(mistake, sentence)
}
