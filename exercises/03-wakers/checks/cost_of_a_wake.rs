//! 3.5 cost-of-a-wake: a wake, and a thread's sleep, measured.

use super::subject::{Because, Measured, because, measured, wakes_in_a_round_trip};
use probe::{Run, run, snapshot};

/// What machines of all kinds have shown, and far more: figures beyond these are none of this
/// program's.
const PLAUSIBLE: std::ops::RangeInclusive<u64> = 3..=100_000;

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
        run.departs(format!(
            "By these figures a wake takes {wake} ns, and a round trip less. Are they the other way round?"
        ));
    }
    let wakes = round_trip / wake;
    if !PLAUSIBLE.contains(&wakes) {
        run.departs(format!(
            "By these figures a round trip takes as long as {wakes} wakes, which no machine has shown. Copy both figures as the \
             program prints them, in nanoseconds.",
        ));
    }
}

#[test]
fn the_range_says_how_many_wakes_a_round_trip_takes() {
    let run = run!();
    let Measured { wake, round_trip } = noted(&run);
    let range = wakes_in_a_round_trip();
    let (low, high) = (*range.start(), *range.end());
    run.recorder()
        .says("range", format!("from {low} to {high} wakes"));
    if low > high {
        run.departs(format!(
            "The range begins at {low} and ends at {high}, so there is nothing in it."
        ));
    }
    let (least, most) = (round_trip / wake, round_trip.div_ceil(wake));
    let holds = |number: u64| range.contains(&number);
    let is_right = holds(least) || holds(most);
    if !is_right && low <= round_trip * 2 && high >= round_trip / 2 {
        run.diagnose(
            "time-taken-for-a-ratio",
            format!(
                "The range is one of nanoseconds: a round trip took {round_trip} of them. Asked is how many wakes take as long, each of \
                 {wake} ns.",
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
        run.departs(format!(
            "From {low} to {high} is more than a factor of {SPAN}: that says too little. Run the program a few times, and leave a \
             little room below the smallest quotient and above the largest.",
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
    // A wrong reason is not answered with the right one: the run that is shown then has no snapshot.
    let run = run!();
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
    let run = run!("the_reason");
    run.recorder().says("because", format!("{reason:?}"));
    snapshot!(run);
}

/// The learner's figures, which stand at the beginning of each run.
fn noted(run: &Run) -> Measured {
    let measured = measured();
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
