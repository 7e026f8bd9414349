//! 5.2 idle-spin: what a socket costs on which nothing happens.

use super::subject::{Because, Measured, because, measured, wake_ups_a_second};
use probe::{Run, run, snapshot};

/// What machines of all kinds do in a tenth of a second, and far more: figures beyond these are none
/// of this program's.
const PLAUSIBLE: std::ops::RangeInclusive<u64> = 100..=100_000_000;

/// How wide a range may be.
const SPAN: u64 = 10;

#[test]
fn the_figures_are_those_of_a_run() {
    let run = run!();
    let figures = noted(&run);
    let Measured {
        level_both,
        level_read,
        edge_both,
    } = figures;
    if figures_are_zero(&figures) {
        run.departs_at(
            Some(0),
            "By these figures nobody is ever woken. In every run of the program somebody is: copy the figures as it prints them.",
        );
    }
    if level_read > level_both || edge_both > level_both {
        run.departs(
            "By these figures the one that is level-triggered and asks for both does not wake up most often. Are they in the right \
             order?",
        );
    }
    if level_read > 20 || edge_both > 20 {
        run.departs("Only one of the three wakes up more than a few times. Copy the figures as the program prints them.");
    }
    if !PLAUSIBLE.contains(&level_both) {
        run.departs_at(
            Some(0),
            format!("{level_both} wake-ups in a tenth of a second is more, or less, than any machine has shown."),
        );
    }
    if level_read > edge_both {
        run.departs(
            "Nobody sends anything in any of the three, so the one that asks for reading alone has nothing to be told of; the other two \
             have the room to write. By these figures it is told more often than the third. Are the two in the right order?",
        );
    }
}

fn figures_are_zero(figures: &Measured) -> bool {
    figures.level_both + figures.level_read + figures.edge_both == 0
}

#[test]
fn the_range_says_how_often_it_wakes_up_in_a_second() {
    let run = run!();
    let figures = noted(&run);
    let range = wake_ups_a_second();
    let (low, high) = (*range.start(), *range.end());
    (run.recorder()).says("range", format!("from {low} to {high} in a second"));
    if low > high {
        run.departs(format!(
            "The range begins at {low} and ends at {high}, so there is nothing in it."
        ));
    }
    let second = figures.level_both * 10;
    if !range.contains(&second) && range.contains(&figures.level_both) {
        run.diagnose(
            "a-tenth-taken-for-a-second",
            format!(
                "{} is what the program counted in a tenth of a second, and lies in the range. Asked is how many there are in a second.",
                figures.level_both
            ),
        );
    }
    if !range.contains(&second) && high <= 20 {
        run.diagnose(
            "idle-means-asleep",
            "By this range a socket on which nothing happens wakes hardly anybody. The figures say that one of the three never sleeps.",
        );
    }
    if low == 0 || high / low > SPAN || (high / low == SPAN && high % low > 0) {
        run.departs(format!(
            "From {low} to {high} is more than a factor of {SPAN}: that says too little. Run the program a few times, and leave a little \
             room below the smallest figure and above the largest."
        ));
    }
    if !range.contains(&second) {
        run.departs(format!(
            "{} in a tenth of a second are {second} in a second, and that does not lie in the range.",
            figures.level_both
        ));
    }
}

#[test]
fn the_reason_is_the_one_that_the_measurement_shows() {
    // A wrong reason is not answered with the right one: the run that is shown then has no snapshot.
    let run = run!();
    let reason = because();
    match reason {
        Because::ThereIsAlwaysRoom => {}
        Because::ThePeerKeepsItAlive => wrong(
            &run,
            "keep-alive-blamed",
            "All three have the same client, and only one of them wakes up. Packets that keep a connection alive are hours apart, and \
             the system deals with them alone.",
        ),
        Because::TwoAreOneTooMany => wrong(
            &run,
            "two-interests-blamed",
            "The third asks for both, too, and wakes up once. Waiting for several things is what such a list is for.",
        ),
        Because::WaitsAreCutShort => wrong(
            &run,
            "short-waits-blamed",
            "The second waits in the same way, and its wait ends when the program gives up. No wait was cut short; one of the three had \
             something to tell each time.",
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
    recorder.says("level, both", format!("{} wake-ups", measured.level_both));
    recorder.says("level, read", format!("{} wake-ups", measured.level_read));
    recorder.says("edge, both", format!("{} wake-ups", measured.edge_both));
    measured
}

#[track_caller]
fn wrong(run: &Run, mistake: &str, sentence: &str) -> ! {
    run.recorder().says("because", format!("{:?}", because()));
    run.diagnose(mistake, sentence)
}
