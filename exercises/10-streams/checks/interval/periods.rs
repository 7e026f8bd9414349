//! Periods of zero, of centuries and of a fraction of a millisecond, and timers that pile up.

use std::task::{Context, Poll};
use std::time::Duration;

use super::super::subject::{MissedTicks, interval};
use super::runs::shown;
use super::world::{SECOND, at};
use MissedTicks::{Burst, Delay, Skip};
use event_loop::Time;
use futures::StreamExt;
use probe::{Recorder, panics, run};
use probe_futures::poller;
use probe_loop::HandClock;

#[test]
fn a_period_of_zero_panics_and_one_of_centuries_ticks_once() {
    let run = run!();
    let zero = panics::expected(|| interval(HandClock::default(), Duration::ZERO, Skip));
    if zero.is_ok() {
        run.diagnose(
            "zero-accepted",
            "`interval` was called with a period of zero, and did not panic. All ticks would be due at once: the call is where that mistake can be seen.",
        );
    }
    // The longest, and those of which the low 64 bits of the nanoseconds are small.
    let longest = [
        Duration::MAX,
        Duration::from_nanos(u64::MAX),
        Duration::from_nanos(u64::MAX) + Duration::from_nanos(2),
        Duration::from_secs(u64::MAX / 4 + 1),
        Duration::from_secs(u64::MAX),
    ];
    for (missed, period) in [Burst, Delay, Skip]
        .into_iter()
        .flat_map(|missed| longest.map(|period| (missed, period)))
    {
        let clock = HandClock::at(at(5));
        let polled = panics::expected(|| {
            let mut ticks = interval(clock.clone(), period, missed);
            let task = poller(&Recorder::default(), "A");
            clock.advance(SECOND * 3_155_760_000);
            [(); 2]
                .map(|()| task.lend(|waker| ticks.poll_next_unpin(&mut Context::from_waker(waker))))
        });
        match polled {
            Ok([Poll::Ready(Some(due)), Poll::Pending]) if due == at(5) => {}
            Ok([Poll::Ready(Some(due)), Poll::Ready(_)]) if due == at(5) => run.diagnose(
                "overflows-at-max",
                format!("`{missed:?}`, a period of {period:?} from 5s on, polled after a century: the first poll yielded the tick of 5s, and the second one yielded another. The nanoseconds of that period, or of the next tick, need more than 64 bits, and were cut."),
            ),
            Ok([first, second]) => run.departs(format!(
                "`{missed:?}`, a period of {period:?} from 5s on, polled twice after a century. Expected: Ready(Some(5s)), Pending. It returned {}, {}.",
                shown(&first),
                shown(&second)
            )),
            Err(panic) => run.diagnose(
                "overflows-at-max",
                format!("`{missed:?}`, a period of {period:?}: your code panicked: {}.", panic.message),
            ),
        }
    }
}

#[test]
fn a_period_that_is_no_whole_number_of_milliseconds_keeps_its_fraction() {
    let micros = |micros| Time::after_start(Duration::from_micros(micros));
    for missed in [Burst, Delay, Skip] {
        let run = run!();
        let clock = HandClock::at(Time::START);
        let mut ticks = interval(clock.clone(), Duration::from_micros(2_500), missed);
        let task = poller(&Recorder::default(), "A");
        for tick in 0..4 {
            let polled = task.lend(|waker| ticks.poll_next_unpin(&mut Context::from_waker(waker)));
            let due = micros(tick * 2_500);
            clock.advance(Duration::from_micros(2_500));
            if polled == Poll::Ready(Some(due)) {
                continue;
            }
            run.recorder().says(
                "interval",
                format!("2.5ms, {missed:?}: polled at {due} → {}", shown(&polled)),
            );
            if let Poll::Ready(Some(said)) = polled
                && said.since_start().subsec_nanos().is_multiple_of(1_000_000)
                && said < due
            {
                run.diagnose(
                    "rounded-down",
                    format!("`{missed:?}`, a period of 2.5ms, polled in time: the tick of {due} says {said}. The fraction of the millisecond is lost, and so the ticks come too early."),
                );
            }
            run.departs(format!(
                "`{missed:?}`, a period of 2.5ms, polled in time. Expected at {due}: Ready(Some({due})). The poll returned {}.",
                shown(&polled)
            ));
        }
    }
}

#[test]
fn a_hundred_polls_before_the_next_tick_leave_one_timer() {
    for missed in [Burst, Delay, Skip] {
        let run = run!();
        let clock = HandClock::at(at(5));
        let mut ticks = interval(clock.clone(), 10 * SECOND, missed);
        let task = poller(&Recorder::default(), "A");
        for _ in 0..101 {
            let _ = task.lend(|waker| ticks.poll_next_unpin(&mut Context::from_waker(waker)));
        }
        if clock.alive() > 2 {
            run.recorder()
                .says("timers", format!("{} alive", clock.alive()));
            run.diagnose(
                "timers-pile-up",
                format!(
                    "The interval was polled 100 times before its next tick, and {} of its timers are alive. Each of them would wake the task.",
                    clock.alive()
                ),
            );
        }
    }
}
