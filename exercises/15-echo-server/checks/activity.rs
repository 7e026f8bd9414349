//! 15.4 activity: how long nothing has happened, without a timer for every byte.

use std::pin::pin;
use std::time::Duration;

use super::subject::Activity;
use event_loop::{Time, Timer};
use probe::{Recorder, Run, run, snapshot};
use probe_futures::{Sim, poller};
use probe_loop::Clock;

/// How long it may be quiet, in seconds.
const LIMIT: u64 = 60;

/// Notes something at each of these times, in milliseconds, and returns when the idle time-out came.
#[track_caller]
fn idle_after(run: &Run, noted: &[u64]) -> (Duration, Clock) {
    let sim = Sim::new(run);
    let clock = Clock::new(run, &sim);
    let activity = Activity::begin(clock.now());
    let limit = Duration::from_secs(LIMIT);
    let poller = poller(&Recorder::new(), "time-out");
    let mut idle = pin!(activity.idle_for(limit, &clock));
    let mut noted = noted.iter().map(|at| Duration::from_millis(*at)).peekable();
    let step = |polls: &mut usize| {
        *polls += 1;
        if *polls > 10_000 {
            run.diagnose(
                "polls-the-clock",
                "It was polled ten thousand times, and is not over. It looks at the clock again and again, and sleeps for a moment in between.",
            );
        }
    };
    let mut polls = 0;
    let mut wakes = 0;
    let mut ready = run.risk(
        None,
        "It goes round in a circle in one poll, and never waits.",
        || poller.poll(idle.as_mut()).is_ready(),
    );
    while !ready {
        // What happens next: something is noted, or a timer.
        match (noted.peek().copied(), sim.next_event()) {
            (Some(at), next) if next.is_none_or(|next| at <= next) => {
                noted.next();
                sim.advance_to(at);
                activity.note(clock.now());
            }
            (_, Some(_)) => drop(sim.advance()),
            (_, None) => {
                run.recorder().says("time-out", "waits for ever");
                run.diagnose(
                    "never-times-out",
                    "Nothing has happened for ever so long, no timer is set, and it waits.",
                );
            }
        }
        if poller.wakes() > wakes {
            wakes = poller.wakes();
            step(&mut polls);
            ready = run.risk(
                None,
                "It goes round in a circle in one poll, and never waits.",
                || poller.poll(idle.as_mut()).is_ready(),
            );
        }
        if sim.now() > Duration::from_secs(100_000) {
            run.recorder().says("time-out", "has not come after a day");
            run.diagnose(
                "never-times-out",
                "Nothing has happened for more than a day, and it waits.",
            );
        }
    }
    (sim.now(), clock.clone())
}

fn millis(time: Duration) -> String {
    format!("at {} ms", time.as_millis())
}

/// What had been noted when it came.
fn until(noted: &[u64], came: Duration) -> impl Iterator<Item = u64> {
    let noted = noted.iter().copied();
    noted.take_while(move |at| Duration::from_millis(*at) <= came)
}

/// It came at the right time, or the run says what is wrong.
#[track_caller]
fn expect(run: &Run, noted: &[u64], came: Duration) {
    let last = noted.last().copied().unwrap_or(0);
    let right = Duration::from_millis(last) + Duration::from_secs(LIMIT);
    if came == right {
        return;
    }
    if !noted.is_empty() && came == Duration::from_secs(LIMIT) {
        run.diagnose(
            "measured-from-the-start",
            format!(
                "Something happened at {last} ms, and it came 60 seconds after the beginning. What counts is when something happened last."
            ),
        );
    }
    if came < right {
        run.diagnose(
            "idle-too-early",
            format!(
                "Nothing had happened for {} ms when it came, and it may be quiet for 60,000.",
                came.as_millis() - u128::from(until(noted, came).last().unwrap_or(0))
            ),
        );
    }
    run.diagnose(
        "idle-counted-anew",
        format!(
            "Nothing had happened for {} ms when it came: more than the 60,000 that it may be quiet. The next look is not set for the moment at which \
             the limit is reached, counted from when something happened.",
            (came - Duration::from_millis(last)).as_millis()
        ),
    );
}

#[test]
fn if_nothing_happens_it_comes_when_the_time_is_over() {
    let run = run!("nothing_happens");
    let (came, _) = idle_after(&run, &[]);
    run.recorder()
        .says("time-out", format!("comes {}", millis(came)));
    expect(&run, &[], came);
    snapshot!(run);
}

#[test]
fn whatever_happens_puts_it_off() {
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
        .says("time-out", format!("comes {}", millis(came)));
    expect(&run, &noted, came);
    snapshot!(run);
}

#[test]
fn it_is_neither_early_nor_late() {
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
        (run.recorder()).says("time-out", format!("came {}", millis(came)));
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
        .says("time-out", format!("comes {}", millis(came)));
    expect(&run, &noted, came);
    if timers > 40 {
        run.recorder()
            .says("time-out", format!("has set {timers} timers"));
        run.diagnose(
            "polls-the-clock",
            format!(
                "{timers} timers were set in eleven minutes, and some eleven would do: when one fires, it is known when it is worth looking again."
            ),
        );
    }
    snapshot!(run);
}

#[test]
fn there_is_one_timer_at_a_time_and_none_when_it_is_dropped() {
    let run = run!();
    let sim = Sim::new(&run);
    let clock = Clock::new(&run, &sim);
    let activity = Activity::begin(clock.now());
    {
        let mut idle = pin!(activity.idle_for(Duration::from_secs(LIMIT), &clock));
        let poller = poller(run.recorder(), "time-out");
        for second in 1..600 {
            if poller.poll(idle.as_mut()).is_ready() {
                run.departs("Something happens each second, and the time-out came.");
            }
            sim.advance_to(Duration::from_secs(second));
            activity.note(clock.now());
            if clock.alive() > 1 {
                run.diagnose(
                    "timer-leaked",
                    format!(
                        "There are {} timers at once for one connection: the older ones were not taken back.",
                        clock.alive()
                    ),
                );
            }
        }
    }
    if clock.alive() > 0 {
        run.diagnose(
            "timer-leaked",
            "It was dropped, and a timer of its is still set.",
        );
    }
}

#[test]
fn a_limit_that_is_over_already_is_over_at_once() {
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
            "When it was asked, nothing had happened for 65 seconds, and it waited for longer. The waiting began when it was asked, and not when \
             something happened.",
        ),
    }
}
