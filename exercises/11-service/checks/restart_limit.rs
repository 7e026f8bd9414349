//! 11.10 restart_limit: how many restarts are too many.

use std::time::Duration;

use super::subject::RestartLimit;
use event_loop::Time;
use probe::{Run, panics, run, snapshot};
use probe_io::heap;

#[path = "restart_limit/machine.rs"]
mod machine;

const PERIOD: Duration = Duration::from_secs(10);

fn at(seconds: u64) -> Time {
    Time::START + Duration::from_secs(seconds)
}

/// Asks at these seconds, and records the answers.
fn asked(run: &Run, intensity: usize, seconds: &[u64]) -> Vec<bool> {
    let mut limit = RestartLimit::new(intensity, PERIOD);
    let ask = |&second: &u64| {
        run.recorder().set_time(Duration::from_secs(second));
        let call = run.recorder().enters("limit", "allows");
        match panics::expected(|| limit.allows(at(second))) {
            Ok(allowed) => {
                call.returns(allowed.to_string());
                allowed
            }
            Err(panic) => {
                drop(call);
                run.departs(format!("`allows` panicked: {}.", panic.message))
            }
        }
    };
    seconds.iter().map(ask).collect()
}

#[track_caller]
fn expect(run: &Run, allowed: &[bool], expected: &[bool]) {
    if allowed != expected {
        run.departs(format!("Allowed: {allowed:?}. Expected: {expected:?}."));
    }
}

#[test]
fn the_restart_after_the_last_that_is_allowed_is_refused() {
    let run = run!("too_many");
    let allowed = asked(&run, 2, &[20, 21, 22, 23]);
    if allowed == [true; 4] {
        run.diagnose(
            "restart-storm",
            "Two restarts in 10 s are allowed, and there were four in 3 s: a part that fails at once is started again and again.",
        );
    }
    if allowed[..3] == [true; 3] {
        run.diagnose(
            "restart-too-many",
            "Two restarts in 10 s are allowed. The third, after 2 s, was allowed as well.",
        );
    }
    expect(&run, &allowed, &[true, true, false, false]);
    snapshot!(run);
}

#[test]
fn a_restart_does_not_count_any_more_when_the_period_has_passed() {
    let run = run!("forgotten");
    let allowed = asked(&run, 1, &[20, 30, 100]);
    if allowed == [true, false, true] {
        run.diagnose(
            "counts-at-the-period",
            "One restart in 10 s is allowed, and there was one at 20 s. At 30 s it lies exactly 10 s back and does not count any more. The \
             restart at 30 s was refused.",
        );
    }
    if !allowed[2] {
        run.diagnose(
            "limit-for-life",
            "One restart in 10 s is allowed. There was one at 30 s, and the one at 100 s was refused: the first still counts.",
        );
    }
    expect(&run, &allowed, &[true; 3]);
    snapshot!(run);
}

#[test]
fn every_span_of_the_period_counts_and_not_only_each_tenth_second() {
    let run = run!("any_span");
    let allowed = asked(&run, 2, &[20, 29, 30, 31]);
    if allowed[3] {
        run.diagnose(
            "fixed-window",
            "Two restarts in 10 s are allowed. There were restarts at 29 and 30 s, and a third at 31 s was allowed: three within 2 s. The count \
             was set to zero between them.",
        );
    }
    if allowed == [true, true, false, false] {
        run.diagnose(
            "forgotten-with-the-newest",
            "Two restarts in 10 s are allowed. At 30 s the restart at 20 s does not count any more, and only the one at 29 s does. The \
             restart at 30 s was refused: the one at 20 s was kept as long as the newer one.",
        );
    }
    expect(&run, &allowed, &[true, true, true, false]);
    snapshot!(run);
}

#[test]
fn a_restart_that_was_refused_does_not_count() {
    let run = run!("refused");
    let allowed = asked(&run, 1, &[20, 25, 30]);
    if allowed == [true, false, false] {
        run.diagnose(
            "refused-counts",
            "One restart in 10 s is allowed. The restart at 25 s was refused, so there was none, and it still counted at 30 s.",
        );
    }
    expect(&run, &allowed, &[true, false, true]);
    snapshot!(run);
}

#[test]
fn every_intensity_and_every_period_is_possible() {
    let run = run!();
    let nano = Duration::from_nanos(1);
    let now = at(50);
    let cases: [(usize, Duration, [Time; 3], [bool; 3]); 11] = [
        (0, PERIOD, [now; 3], [false; 3]),
        (0, Duration::ZERO, [now; 3], [false; 3]),
        (1, Duration::ZERO, [now; 3], [true; 3]),
        (1, PERIOD, [Time::START, at(1), at(10)], [true, false, true]),
        (
            1,
            Duration::MAX,
            [Time::START, now, at(100_000)],
            [true, false, false],
        ),
        (usize::MAX, Duration::MAX, [now; 3], [true; 3]),
        (
            1,
            PERIOD,
            [now, now + (PERIOD - nano), now + PERIOD],
            [true, false, true],
        ),
        (2, PERIOD, [now; 3], [true, true, false]),
        (
            2,
            PERIOD,
            [Time::START, Time::START, at(9)],
            [true, true, false],
        ),
        (
            1,
            3 * nano,
            [now, now + 2 * nano, now + 3 * nano],
            [true, false, true],
        ),
        (
            1,
            Duration::from_micros(1_999),
            [
                now,
                now + Duration::from_micros(1_500),
                now + Duration::from_micros(1_999),
            ],
            [true, false, true],
        ),
    ];
    for (intensity, period, times, expected) in cases {
        let mut limit = match panics::expected(|| RestartLimit::new(intensity, period)) {
            Ok(limit) => limit,
            Err(panic) => run.departs(format!(
                "`new({intensity}, {period:?})` panicked: {}.",
                panic.message
            )),
        };
        let ask = |time| {
            match panics::expected(|| limit.allows(time)) {
            Ok(allowed) => allowed,
            Err(panic) if panic.message.contains("capacity overflow") => run.diagnose(
                "reserves-the-limit",
                format!(
                    "The intensity is {intensity}: any number of restarts is allowed. At the first of them `allows` reserved memory for \
                     all, and panicked: {}.",
                    panic.message
                ),
            ),
            Err(panic) => run.departs(format!("`allows` panicked: {}.", panic.message)),
        }
        };
        let allowed = times.map(ask);
        if intensity == 0 && allowed.contains(&true) {
            run.diagnose(
                "restart-too-many",
                format!("The intensity is zero, so no restart is allowed. Asked three times: {allowed:?}."),
            );
        }
        if (times, intensity, allowed) == ([now; 3], 2, [true; 3]) {
            run.diagnose(
                "restart-too-many",
                "Two restarts in 10 s are allowed. Three were asked for at one moment, and all were allowed: each of them counts.",
            );
        }
        if (intensity, allowed) == (2, [true; 3]) {
            run.diagnose(
                "refilled-little-by-little",
                "Two restarts in 10 s are allowed, and there were two at zero. The third, at 9 s, was allowed: three within 9 s. A part of what \
                 the two had used was there again before 10 s had passed.",
            );
        }
        if times[0] == Time::START && period == PERIOD && intensity == 1 && allowed[1] {
            run.departs(
                "One restart in 10 s is allowed, and there was one at 0 s, where the clock starts. The one at 1 s was allowed as well: the \
                 restart at 0 s was forgotten.",
            );
        }
        if period < Duration::from_millis(2) && allowed[1] && !expected[1] {
            run.diagnose(
                "time-rounded-down",
                format!(
                    "Restarts at {}, where one in {period:?} is allowed: the second lies less than that after the first, and was allowed.",
                    times.map(|time| time.to_string()).join(", ")
                ),
            );
        }
        if allowed != expected {
            let times = times.map(|time| time.to_string()).join(", ");
            run.departs(format!("Intensity {intensity}, period {period:?}. Asked at {times}: {allowed:?}. Expected: {expected:?}."));
        }
    }
}

#[test]
fn three_thousand_restarts_in_a_period_are_counted() {
    let run = run!();
    let mut limit = RestartLimit::new(3_000, PERIOD);
    let allowed = (0..3_010).filter(|_| limit.allows(at(1))).count();
    if allowed != 3_000 {
        run.departs(format!("3,000 restarts in 10 s are allowed, and there were 3,010 at one moment: {allowed} were allowed."));
    }
    if !limit.allows(at(11)) {
        run.departs(
            "3,000 restarts lie exactly 10 s back, and none counts any more. The next one was refused.",
        );
    }
}

#[test]
fn a_restart_that_does_not_count_any_more_is_forgotten() {
    let run = run!();
    let mut limit = RestartLimit::new(2, PERIOD);
    let before = heap::in_use();
    for number in 0..2_000 {
        if !limit.allows(at(10 * number)) {
            run.departs(
                "Two restarts in 10 s are allowed, and there was one each 10 s. One was refused.",
            );
        }
    }
    let kept = heap::in_use().saturating_sub(before);
    if kept > 8_000 {
        run.recorder().says("limit", format!("keeps {kept} bytes"));
        run.diagnose(
            "moments-never-forgotten",
            format!(
                "Two restarts in 10 s are allowed, and there were 2,000, one each 10 s. The limit keeps {kept} bytes: it still remembers \
                 restarts that do not count any more."
            ),
        );
    }
}

#[test]
fn every_short_run_is_as_expected() {
    machine::compare(&run!());
}
