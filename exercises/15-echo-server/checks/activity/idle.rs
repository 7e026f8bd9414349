//! How long a connection has to be idle, and what is seen when it is.

use std::pin::pin;
use std::time::Duration;

use super::super::subject::Activity;
use event_loop::Timer;
use probe::{Recorder, Run};
use probe_futures::{Sim, poller};
use probe_loop::Clock;

/// The limit of these runs, in seconds.
pub(super) const LIMIT: u64 = 60;

/// Notes activity at each of these times, in milliseconds. Returns when `idle_for` completed.
#[track_caller]
pub(super) fn idle_after(run: &Run, noted: &[u64]) -> (Duration, Clock) {
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
                "`idle_for` was polled 10,000 times, and is still pending: it looks at the clock again and again, and sleeps for a moment in between.",
            );
        }
    };
    let mut polls = 0;
    let mut wakes = 0;
    let mut ready = run.risk(None, "`idle_for` loops without end in one poll.", || {
        poller.poll(idle.as_mut()).is_ready()
    });
    while !ready {
        // What comes next: a note, or a timer.
        match (noted.peek().copied(), sim.next_event()) {
            (Some(at), next) if next.is_none_or(|next| at <= next) => {
                noted.next();
                sim.advance_to(at);
                activity.note(clock.now());
            }
            (_, Some(_)) => drop(sim.advance()),
            (_, None) => {
                run.recorder()
                    .says("time-out", "waits forever, without a timer");
                run.diagnose(
                    "never-times-out",
                    "No activity is noted any more, no timer is set, and `idle_for` is pending.",
                );
            }
        }
        if poller.wakes() > wakes {
            wakes = poller.wakes();
            step(&mut polls);
            ready = run.risk(None, "`idle_for` loops without end in one poll.", || {
                poller.poll(idle.as_mut()).is_ready()
            });
        }
        if sim.now() > Duration::from_secs(100_000) {
            run.recorder().says("time-out", "is pending after a day");
            run.diagnose(
                "never-times-out",
                "No activity was noted for more than a day, and `idle_for` is pending.",
            );
        }
    }
    (sim.now(), clock.clone())
}

pub(super) fn millis(time: Duration) -> String {
    format!("at {} ms", time.as_millis())
}

/// The notes before the time-out.
pub(super) fn until(noted: &[u64], came: Duration) -> impl Iterator<Item = u64> {
    let noted = noted.iter().copied();
    noted.take_while(move |at| Duration::from_millis(*at) <= came)
}

/// It completed at the right time, or the run says what is wrong.
#[track_caller]
pub(super) fn expect(run: &Run, noted: &[u64], came: Duration) {
    let last = noted.last().copied().unwrap_or(0);
    let right = Duration::from_millis(last) + Duration::from_secs(LIMIT);
    if came == right {
        return;
    }
    if !noted.is_empty() && came == Duration::from_secs(LIMIT) {
        run.diagnose(
            "measured-from-the-start",
            format!(
                "Activity was noted at {last} ms, and `idle_for` completed at 60,000 ms, which is 60 s after the start. Expected: 60 s after the last note."
            ),
        );
    }
    if came < right {
        run.diagnose(
            "idle-too-early",
            format!(
                "The last note was {} ms old when `idle_for` completed. Expected: 60,000 ms.",
                came.as_millis() - u128::from(until(noted, came).last().unwrap_or(0))
            ),
        );
    }
    let late = format!(
        "The last note was {:?} old when `idle_for` completed. Expected: 60s.",
        came - Duration::from_millis(last)
    );
    if came
        .as_nanos()
        .is_multiple_of(u128::from(LIMIT) * 1_000_000_000)
    {
        run.diagnose("idle-counted-anew", late);
    }
    run.departs(late);
}
