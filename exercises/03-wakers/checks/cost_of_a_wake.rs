//! 3.5 cost-of-a-wake: a wake, and a thread's sleep, measured.

use super::subject::{Because, Measured, because, measured, wakes_in_a_round_trip};
use probe::{Run, predict, run, snapshot};

/// The quotients that machines of all kinds have shown, and far more. The program prints none outside this range.
const PLAUSIBLE: std::ops::RangeInclusive<u64> = 3..=100_000;

/// Nanoseconds that no machine needs for a wake and a poll.
const SLOWEST_WAKE: u64 = 100_000;

/// How wide a range may be.
const SPAN: u64 = 10;

#[test]
fn the_figures_are_those_of_a_run() {
    let run = run!();
    let Measured { wake, round_trip } = noted(&run);
    if wake == 0 || round_trip == 0 {
        run.departs("One of the figures is zero. Run the program, and copy what it prints.");
    }
    if wake > round_trip {
        run.diagnose(
            "figures-the-other-way-round",
            format!("By these figures a wake takes {wake} ns, and a round trip less. Are they the other way round?"),
        );
    }
    if wake > SLOWEST_WAKE {
        run.departs(format!(
            "By these figures a wake takes {wake} ns, which is more than a tenth of a millisecond. Copy both figures as the program prints \
             them, in nanoseconds."
        ));
    }
    let wakes = round_trip / wake;
    if !PLAUSIBLE.contains(&wakes) {
        run.departs(format!(
            "By these figures a round trip takes as long as {wakes} wakes. The range of all known machines is {} to {}. Copy both \
             figures as the program prints them, in nanoseconds.",
            PLAUSIBLE.start(),
            PLAUSIBLE.end(),
        ));
    }
}

#[test]
fn the_range_says_how_many_wakes_a_round_trip_takes() {
    let run = run!();
    let Measured { wake, round_trip } = noted(&run);
    let range = predict::steady(&run, wakes_in_a_round_trip);
    let (low, high) = (*range.start(), *range.end());
    run.recorder()
        .says("range", format!("from {low} to {high} wakes"));
    if low > high {
        run.diagnose(
            "range-the-other-way-round",
            format!("The range begins at {low} and ends at {high}, so it is empty."),
        );
    }
    let (least, most) = (round_trip / wake, round_trip.div_ceil(wake));
    let holds = |number: u64| range.contains(&number);
    let is_right = holds(least) || holds(most);
    if !is_right && low <= round_trip * 2 && high >= round_trip / 2 {
        run.diagnose(
            "time-taken-for-a-ratio",
            format!(
                "The range holds nanoseconds: the round trip took {round_trip} ns. The question is how many wakes of {wake} ns take as \
                 long."
            ),
        );
    }
    if high < *PLAUSIBLE.start() + 2 && most > high {
        run.diagnose(
            "round-trip-taken-for-a-wake",
            "By this range a round trip costs about as much as a wake. By the figures that you have copied it costs far more.",
        );
    }
    if low == 0 || high / low > SPAN || (high / low == SPAN && high % low > 0) {
        run.diagnose("range-too-wide", format!(
            "From {low} to {high} is more than a factor of {SPAN}. Run the program a few times, and leave a little room below the \
             smallest quotient and above the largest."
        ));
    }
    if !is_right {
        run.departs(format!(
            "The quotient of the two figures that you have copied, {round_trip} and {wake}, does not lie in the range."
        ));
    }
}

#[test]
fn the_reason_is_the_one_that_the_measurement_shows() {
    // A wrong reason is shown without a snapshot, which would give the right one away.
    let run = run!();
    let reason = predict::steady(&run, because);
    match reason {
        Because::TheSystemSwitchesThreads => {}
        Because::WakersAreAllocated => wrong(
            &run,
            "wakers-are-allocated",
            "A wake puts a task's number in a queue, and allocates nothing. An allocation takes tens of nanoseconds, not thousands.",
        ),
        Because::LocksAreSlow => wrong(
            &run,
            "locks-are-slow",
            "The wake on one thread takes a lock, too, the one of the queue. A lock that no other thread wants takes a few \
             nanoseconds.",
        ),
        Because::ValuesAreCopied => wrong(
            &run,
            "values-are-copied",
            "Threads share their memory, and the value that this program hands over is `()`, which has no bytes.",
        ),
    }
    let run = run!("the_reason");
    run.recorder().says("because", format!("{reason:?}"));
    snapshot!(run);
}

/// The learner's figures, recorded at the beginning of each run.
fn noted(run: &Run) -> Measured {
    let measured = predict::steady(run, measured);
    let recorder = run.recorder();
    recorder.says("wake", format!("{} ns", measured.wake));
    recorder.says("round trip", format!("{} ns", measured.round_trip));
    measured
}

#[track_caller]
fn wrong(run: &Run, mistake: &str, sentence: &str) -> ! {
    run.recorder().says("because", format!("{:?}", because()));
    run.diagnose(mistake, sentence)
}
