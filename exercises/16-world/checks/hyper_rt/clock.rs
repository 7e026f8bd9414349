//! The times and sleeps of hyper, on the clock of the loop.

use std::time::Duration;

use super::super::subject::LoopTimer;
use hyper::rt::Timer;
use probe::{panics, run, snapshot};
use probe_futures::{Sim, poller};
use probe_loop::Clock;

const MILLI: Duration = Duration::from_millis(1);

#[test]
fn the_loops_clock_is_hypers_clock() {
    let run = run!("clock");
    let sim = Sim::new(&run);
    sim.advance_to(500 * MILLI);
    let clock = Clock::new(&run, &sim);
    let timer = LoopTimer::new(clock.clone());
    let made = timer.now();
    let task = poller(run.recorder(), "task");
    if task.poll(timer.sleep(20 * MILLI).as_mut()).is_ready() {
        run.recorder().says("task", "sleep(20 ms) is ready");
        run.diagnose(
            "measured-from-the-start",
            "500 ms after the start of the loop `sleep(20 ms)` was called, and it was ready in the same moment. The duration counts from the call.",
        );
    }
    sim.advance_to(10_500 * MILLI);
    let begin = timer.now();
    run.recorder().says("loop", "10 s after the timer was made");
    if begin.saturating_duration_since(made) != 10_000 * MILLI {
        run.diagnose("two-clocks", format!("On the loop's clock 10 s have passed, and on the clock of `now` {:?}. hyper computes its deadlines from `now`: it has to be the loop's time.", begin.saturating_duration_since(made)));
    }
    let mut sleeps = [
        ("sleep(20 ms)", timer.sleep(20 * MILLI), 20),
        (
            "sleep_until(30 ms)",
            timer.sleep_until(begin + 30 * MILLI),
            30,
        ),
        ("sleep_until(now)", timer.sleep_until(begin), 0),
    ];
    for after in [0, 19, 20, 29, 30] {
        sim.advance_to((10_500 + after) * MILLI);
        let now = timer.now().saturating_duration_since(begin);
        run.recorder().says("loop", format!("{after} ms later"));
        if now != after * MILLI {
            run.diagnose(
                "two-clocks",
                format!("On the loop's clock {after} ms have passed, and `now` shows {now:?}. hyper compares moments of `now` with its deadlines: both have to be the loop's."),
            );
        }
        for (what, sleep, due) in &mut sleeps {
            if *due == u32::MAX {
                continue;
            }
            let woken = task.wakes();
            let ready = task.poll(sleep.as_mut()).is_ready();
            if !ready && task.wakes() > woken {
                run.diagnose(
                    "busy-poll",
                    format!("{what} was pending, and its poll woke its own task."),
                );
            }
            run.recorder().says(
                "task",
                format!("{what} is {}", if ready { "ready" } else { "pending" }),
            );
            if ready != (after >= *due) {
                run.diagnose(
                    "two-clocks",
                    format!(
                        "After {after} ms on the loop's clock {what} is {}.",
                        if ready { "ready" } else { "pending" }
                    ),
                );
            }
            if ready {
                *due = u32::MAX;
            }
        }
    }
    drop(sleeps);
    if clock.alive() > 0 {
        run.diagnose(
            "timer-leaked",
            "hyper dropped its sleeps, and a timer of the loop is still there.",
        );
    }
    snapshot!(run);
}

#[test]
fn a_sleep_until_a_time_that_has_passed_is_ready() {
    let run = run!();
    let sim = Sim::new(&run);
    sim.advance_to(500 * MILLI);
    let timer = LoopTimer::new(Clock::new(&run, &sim));
    let made = timer.now();
    sim.advance_to(10_500 * MILLI);
    let task = poller(run.recorder(), "task");
    // 600 ms before the timer was made lies before the loop's first moment. No `Instant` may be that early.
    let before = made.checked_sub(600 * MILLI);
    for (moment, what) in [
        (Some(made), "10 s ago"),
        (before, "before the loop was made"),
    ] {
        let Some(moment) = moment else { continue };
        let call = run
            .recorder()
            .enters("hyper", format!("sleep_until(a moment {what})"));
        let sleep = panics::expected(|| timer.sleep_until(moment));
        call.returns(if sleep.is_ok() { "a sleep" } else { "panics" });
        let Ok(mut sleep) = sleep else {
            run.diagnose(
                "past-moment-panics",
                format!("hyper asked for a sleep until a moment {what}, and your `sleep_until` panicked."),
            );
        };
        let polled = task.poll(sleep.as_mut());
        sim.advance();
        if polled.is_pending() && task.poll(sleep.as_mut()).is_pending() {
            run.departs(format!(
                "A sleep until a moment {what} is pending, also in the next iteration."
            ));
        }
    }
}

#[test]
fn a_sleep_is_not_ready_within_its_last_millisecond() {
    let run = run!();
    let sim = Sim::new(&run);
    let timer = LoopTimer::new(Clock::new(&run, &sim));
    let task = poller(run.recorder(), "task");
    let mut sleep = timer.sleep(Duration::from_micros(1_500));
    let mut later = |after: u64| {
        sim.advance_to(Duration::from_micros(after));
        let polled = task.poll(sleep.as_mut());
        let how = if polled.is_ready() {
            "ready"
        } else {
            "pending"
        };
        run.recorder()
            .says("task", format!("after {after} µs sleep(1500 µs) is {how}"));
        polled
    };
    if later(0).is_ready() || later(1_400).is_ready() {
        run.diagnose(
            "ready-too-early",
            "A sleep of 1,500 µs was ready before that time had passed.",
        );
    }
    if later(1_500).is_pending() {
        run.departs("A sleep of 1,500 µs was pending when that time had passed.");
    }
}

#[test]
fn a_sleep_may_last_for_years() {
    const DAY: Duration = Duration::from_secs(86_400);
    let run = run!();
    let sim = Sim::new(&run);
    let timer = LoopTimer::new(Clock::new(&run, &sim));
    let task = poller(run.recorder(), "task");
    let mut sleeps = [
        ("sleep", timer.sleep(1_000 * DAY)),
        ("sleep_until", timer.sleep_until(timer.now() + 1_000 * DAY)),
    ];
    for (day, right) in [(0, false), (999, false), (1_000, true)] {
        sim.advance_to(day * DAY);
        for (what, sleep) in &mut sleeps {
            let ready = task.poll(sleep.as_mut()).is_ready();
            if ready != right {
                let how = if ready { "ready" } else { "pending" };
                run.recorder()
                    .says("task", format!("after {day} days `{what}` is {how}"));
                run.departs(format!(
                    "hyper asked `{what}` for 1,000 days. After {day} days it is {how}."
                ));
            }
        }
    }
}
