//! 5.2 idle-spin: what an idle socket costs.

use super::subject::{Because, Measured, because, measured, wake_ups_a_second};
use probe::{Run, run, snapshot};

/// The range of all machines in a tenth of a second, with much room: other figures are not from this
/// program.
const PLAUSIBLE: std::ops::RangeInclusive<u64> = 100..=100_000_000;

/// The largest factor between the ends of the range.
const SPAN: u64 = 10;

#[test]
fn the_figures_come_from_a_run() {
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
            "By these figures no wait ever returns. In every run of the program one of the three returns often: copy its figures.",
        );
    }
    if level_read > level_both || edge_both > level_both {
        run.departs(
            "By these figures “level, both” does not wake up most often. Are the three in the right order?",
        );
    }
    if level_read > 20 || edge_both > 20 {
        run.departs("In every run only one of the three wakes up more than 20 times. Copy the figures as the program prints them.");
    }
    if !PLAUSIBLE.contains(&level_both) {
        run.departs_at(
            Some(0),
            format!("{level_both} wake-ups in a tenth of a second: the check expects 100 to 100,000,000."),
        );
    }
    if level_read > edge_both {
        run.departs(
            "The client sends nothing, so “level, read” has no event; “edge, both” has one, the room to write. By these figures “level, \
             read” wakes up more often. Are the two in the right order?",
        );
    }
}

fn figures_are_zero(figures: &Measured) -> bool {
    figures.level_both + figures.level_read + figures.edge_both == 0
}

#[test]
fn the_range_holds_the_wake_ups_of_one_second() {
    let run = run!();
    let figures = noted(&run);
    let range = wake_ups_a_second();
    let (low, high) = (*range.start(), *range.end());
    (run.recorder()).says("range", format!("from {low} to {high} in a second"));
    if low > high {
        run.departs(format!(
            "The range begins at {low} and ends at {high}, so it is empty."
        ));
    }
    let second = figures.level_both * 10;
    if !range.contains(&second) && range.contains(&figures.level_both) {
        run.diagnose(
            "a-tenth-taken-for-a-second",
            format!(
                "The program counted {} in a tenth of a second, and this figure lies in the range. The range is for a whole second.",
                figures.level_both
            ),
        );
    }
    if !range.contains(&second) && high <= 20 {
        run.diagnose(
            "idle-means-asleep",
            "By this range an idle socket causes at most 20 wake-ups in a second. The figures say that one of the three never sleeps.",
        );
    }
    if low == 0 || high / low > SPAN || (high / low == SPAN && high % low > 0) {
        run.departs(format!(
            "From {low} to {high} is more than a factor of {SPAN}. Run the program a few times, and leave a little room below the smallest \
             figure and above the largest."
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
fn the_reason_agrees_with_the_measurement() {
    // A wrong reason must not show the right one: that run has no snapshot.
    let run = run!();
    let reason = because();
    match reason {
        Because::ThereIsAlwaysRoom => {}
        Because::ThePeerKeepsItAlive => wrong(
            &run,
            "keep-alive-blamed",
            "All three have the same client, and one of them wakes up. By default Linux sends the first keep-alive packet after two hours, and the \
             kernel answers it.",
        ),
        Because::TwoAreOneTooMany => wrong(
            &run,
            "two-interests-blamed",
            "“edge, both” waits for two things too, and wakes up once. epoll waits for thousands of sources at once.",
        ),
        Because::WaitsAreCutShort => wrong(
            &run,
            "short-waits-blamed",
            "“level, read” waits in the same way, and its wait lasts until the program stops. “level, both” had an event to report each \
             time.",
        ),
    }
    let run = run!("the_reason");
    run.recorder().says("because", format!("{reason:?}"));
    snapshot!(run);
}

/// The learner's figures, which are the first lines of each run.
fn noted(run: &Run) -> Measured {
    let (first, range, reason) = (measured(), wake_ups_a_second(), because());
    let recorder = run.recorder();
    for _ in 0..3 {
        if (measured(), wake_ups_a_second(), because()) != (first, range.clone(), reason) {
            recorder.says(
                "second call",
                "other figures, another range or another reason",
            );
            run.departs("The check called the three functions twice, and they returned other values. They note one run of the program.");
        }
    }
    let measured = first;
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
