//! 15.4 activity: how long a connection has been idle, without a timer for every byte.

#[path = "activity/idle.rs"]
mod idle;
#[path = "activity/machine.rs"]
mod machine;

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use super::subject::Activity;
use event_loop::{Time, Timer};
use idle::{LIMIT, expect, idle_after, millis, until};
use machine::{MOVES, Move, TEN_YEARS, Watched};
use probe::runs::{Machine, Search};
use probe::{Recorder, Run, panics, run, snapshot};
use probe_futures::{Sim, poller};
use probe_loop::Clock;

#[test]
fn without_a_note_it_completes_after_the_limit() {
    let run = run!("nothing_happens");
    let (came, _) = idle_after(&run, &[]);
    run.recorder()
        .says("time-out", format!("completes {}", millis(came)));
    expect(&run, &[], came);
    snapshot!(run);
}

#[test]
fn each_note_postpones_it() {
    let run = run!("put_off");
    let noted = [20_000, 50_000];
    for at in noted {
        run.recorder().says(
            "peer",
            format!("sends a byte {}", millis(Duration::from_millis(at))),
        );
    }
    let quiet = Run::unnamed();
    let (came, _) = idle_after(&quiet, &noted);
    run.recorder()
        .says("time-out", format!("completes {}", millis(came)));
    expect(&run, &noted, came);
    snapshot!(run);
}

#[test]
fn it_completes_exactly_when_the_last_note_is_as_old_as_the_limit() {
    for noted in [
        &[1][..],
        &[59_999],
        &[60_000],
        &[30_000, 60_000, 90_000, 149_999],
        &[1, 59_000, 61_000, 100_000],
    ] {
        let run = run!();
        let (came, _) = idle_after(&run, noted);
        for at in until(noted, came) {
            (run.recorder()).says(
                "peer",
                format!("had sent a byte {}", millis(Duration::from_millis(at))),
            );
        }
        (run.recorder()).says("time-out", format!("completed {}", millis(came)));
        expect(&run, noted, came);
    }
}

#[test]
fn a_busy_connection_sets_one_timer_a_minute() {
    let run = run!("busy");
    // For ten minutes, a byte each tenth of a second.
    let noted: Vec<u64> = (1..=6_000).map(|tenth| tenth * 100).collect();
    let (came, clock) = idle_after(&Run::unnamed(), &noted);
    run.recorder().says("peer", "sends 6000 bytes within 600 s");
    let timers = clock.set();
    run.recorder()
        .says("time-out", format!("completes {}", millis(came)));
    expect(&run, &noted, came);
    if timers > 40 {
        run.recorder()
            .says("time-out", format!("has set {timers} timers"));
        run.diagnose(
            "polls-the-clock",
            format!(
                "`idle_for` set {timers} timers in 11 minutes. Expected: about 11, one in each limit."
            ),
        );
    }
    snapshot!(run);
}

#[test]
fn it_has_one_timer_at_a_time_and_cancels_it_when_dropped() {
    let run = run!();
    let sim = Sim::new(&run);
    let clock = Clock::new(&run, &sim);
    let activity = Activity::begin(clock.now());
    {
        let mut idle = pin!(activity.idle_for(Duration::from_secs(LIMIT), &clock));
        let poller = poller(run.recorder(), "time-out");
        for second in 1..600 {
            if poller.poll(idle.as_mut()).is_ready() {
                run.departs("Activity was noted each second, and `idle_for` completed.");
            }
            sim.advance_to(Duration::from_secs(second));
            activity.note(clock.now());
            if clock.alive() > 1 {
                run.diagnose(
                    "timer-leaked",
                    format!(
                        "{} timers are set at once for one connection. Expected: 1.",
                        clock.alive()
                    ),
                );
            }
        }
    }
    if clock.alive() > 0 {
        run.diagnose(
            "timer-leaked",
            "The future was dropped, and its timer is still set.",
        );
    }
}

#[test]
fn it_completes_at_once_if_the_last_note_is_older_than_the_limit() {
    let run = run!();
    let sim = Sim::new(&run);
    let clock = Clock::new(&run, &sim);
    let activity = Activity::begin(Time::after_start(Duration::ZERO));
    sim.advance_to(Duration::from_secs(LIMIT + 5));
    let idle = pin!(activity.idle_for(Duration::from_secs(LIMIT), &clock));
    match sim.run_unrecorded(idle) {
        Ok(()) if sim.now() == Duration::from_secs(LIMIT + 5) => {}
        _ => run.diagnose(
            "idle-counted-anew",
            "The last note was 65 s old when `idle_for` was first polled, and it was pending. Expected: it completes at once.",
        ),
    }
}

#[test]
fn a_limit_of_any_length_is_kept_exactly() {
    for limit in [
        Duration::from_nanos(1),
        Duration::from_micros(999),
        Duration::from_micros(1_500),
        Duration::from_millis(65_537),
        Duration::from_millis((1 << 32) + 5),
        Duration::from_secs(400 * 24 * 3_600),
    ] {
        let run = run!();
        let sim = Sim::new(&run);
        let clock = Clock::new(&run, &sim);
        let activity = Activity::begin(clock.now());
        (run.recorder()).says("time-out", format!("begins with a limit of {limit:?}"));
        let ended = sim.run_unrecorded(pin!(activity.idle_for(limit, &clock)));
        let came = sim.now();
        if ended.is_ok() && came == limit {
            continue;
        }
        (run.recorder()).says(
            "time-out",
            format!("completes after {came:?}    expected: after {limit:?}"),
        );
        if ended.is_ok() && came < limit {
            run.diagnose(
                "idle-too-early",
                format!("The limit is {limit:?}, nothing was noted, and `idle_for` completed after {came:?}."),
            );
        }
        run.departs(format!(
            "The limit is {limit:?}, nothing was noted, and `idle_for` {} {came:?}.",
            if ended.is_ok() {
                "completed after"
            } else {
                "was still pending after"
            }
        ));
    }
}

macro_rules! watched {
    ($activity:ty) => {{
        let run = Run::unnamed();
        let sim = Sim::new(&run);
        let clock = Clock::new(&run, &sim);
        let activity = Rc::new(<$activity>::begin(clock.now()));
        let (noted, timer) = (Rc::clone(&activity), clock.clone());
        Watched {
            sim,
            clock,
            tasks: ["A", "B"].map(|name| poller(&Recorder::new(), name)),
            task: 0,
            note: Box::new(move |now| noted.note(now)),
            start: Box::new(move |limit| {
                let (activity, timer) = (Rc::clone(&activity), timer.clone());
                Box::pin(async move { activity.idle_for(limit, &timer).await })
            }),
            idle: None,
            completed: None,
        }
    }};
}

#[test]
fn every_short_run_completes_when_the_contract_says() {
    Search::of(&MOVES)
        .up_to(4)
        .and_random(100, 20, 0x154)
        .compare(
            &run!(),
            || watched!(Activity),
            || watched!(echo_server::Activity),
        );
}

#[test]
fn a_limit_that_the_clock_cannot_reach_never_completes() {
    // The clock counts nanoseconds in 64 bits, which is 584 years.
    for limit in [Duration::MAX, Duration::from_secs(18_446_744_100)] {
        let mut watched = watched!(Activity);
        watched.sim.advance_to(Duration::from_secs(1));
        watched.apply(&Move::Notes);
        let waits = panics::expected(|| {
            watched.apply(&Move::Waits(limit));
            watched.apply(&Move::Passes(TEN_YEARS));
        });
        if let Err(panic) = waits {
            let run = run!();
            let seen = panic.message;
            (run.recorder()).says("time-out", "panics    expected: it stays pending");
            let sentence = format!(
                "Activity was noted at 1 s, the limit was {limit:?}, and `idle_for` panicked: {seen}."
            );
            if seen.contains("overflow") {
                run.diagnose("overflows-at-max", sentence);
            }
            run.departs(sentence);
        }
        if let Some(at) = watched.completed {
            let run = run!();
            (run.recorder()).says("time-out", format!("completes at {at:?}"));
            run.diagnose(
                "idle-too-early",
                format!("The limit was {limit:?}, and `idle_for` completed after {at:?}. Expected: it stays pending."),
            );
        }
    }
}

#[test]
fn two_tasks_may_wait_with_different_limits() {
    let run = run!();
    let sim = Sim::new(&run);
    let clock = Clock::new(&run, &sim);
    let activity = Activity::begin(clock.now());
    let mut long = pin!(activity.idle_for(Duration::from_secs(100), &clock));
    let mut short = pin!(activity.idle_for(Duration::from_secs(10), &clock));
    let tasks = ["long", "short"].map(|name| poller(run.recorder(), name));
    let mut completed = [None; 2];
    for second in 0..=120 {
        sim.advance_to(Duration::from_secs(second));
        if second == 5 {
            activity.note(clock.now());
        }
        if completed[0].is_none() && tasks[0].poll(long.as_mut()).is_ready() {
            completed[0] = Some(second);
        }
        if completed[1].is_none() && tasks[1].poll(short.as_mut()).is_ready() {
            completed[1] = Some(second);
        }
    }
    if completed != [Some(105), Some(15)] {
        run.departs(format!(
            "Activity was noted at 5 s. Two futures wait for 100 s and for 10 s, and complete at {completed:?}. Expected: 105 and 15."
        ));
    }
}
