//! A year of missed ticks, the end of time, and every short run.

use std::task::{Context, Poll};
use std::time::Duration;

use super::super::subject::{MissedTicks, interval};
use super::runs::{ALPHABET, KNOWN, Ticking, shown};
use super::world::{SECOND, at};
use MissedTicks::{Burst, Delay, Skip};
use event_loop::Time;
use futures::StreamExt;
use probe::runs::{Search, compare_two};
use probe::{Recorder, panics, run};
use probe_futures::poller;
use probe_loop::HandClock;

#[test]
fn a_poll_takes_the_same_time_however_many_ticks_were_missed() {
    let run = run!();
    for (period, late) in [
        (1, 31_557_600_000_000_000),
        (7, 3_600_000_000_003),
        (3_000_000_001, 31_557_600_000_000_001),
    ] {
        let clock = HandClock::at(at(5));
        let mut ticks = interval(clock.clone(), Duration::from_nanos(period), Skip);
        let task = poller(&Recorder::default(), "A");
        let mut poll = || {
            run.risk(
                Some("loops-over-missed-ticks"),
                "The interval was polled an hour or a year too late, with a period of a few nanoseconds, and the poll did not return in time.",
                || task.lend(|waker| ticks.poll_next_unpin(&mut Context::from_waker(waker))),
            )
        };
        clock.advance(Duration::from_nanos(late));
        let first = poll();
        let second = poll();
        clock.advance(Duration::from_nanos(period - late % period));
        let due = at(5) + Duration::from_nanos(late - late % period + period);
        let third = poll();
        let right = [
            Poll::Ready(Some(at(5))),
            Poll::Pending,
            Poll::Ready(Some(due)),
        ];
        if [first, second, third] != right {
            run.departs(format!(
                "`Skip`, a period of {period} ns from 5s on, polled {late} ns later, again, and at the next multiple. Expected: {}. It returned {}.",
                right.map(|polled| shown(&polled)).join(", "),
                [first, second, third].map(|polled| shown(&polled)).join(", ")
            ));
        }
    }
}

#[test]
fn a_burst_after_a_year_leaves_no_tick_out() {
    let run = run!();
    let clock = HandClock::at(at(5));
    let mut ticks = interval(clock.clone(), Duration::from_nanos(1), Burst);
    let task = poller(&Recorder::default(), "A");
    clock.advance(31_557_600 * SECOND);
    run.recorder().says("clock", "a year passes");
    for tick in 0..100 {
        let right = Poll::Ready(Some(at(5) + Duration::from_nanos(tick)));
        let polled = task.lend(|waker| ticks.poll_next_unpin(&mut Context::from_waker(waker)));
        if polled == right {
            continue;
        }
        run.recorder()
            .says("interval", format!("poll {tick} → {}", shown(&polled)));
        if let (Poll::Ready(Some(said)), Poll::Ready(Some(due))) = (polled, right)
            && said > due
        {
            run.diagnose(
                "missed-ticks-left-out",
                format!("`Burst`, a period of 1 ns from 5s on, polled a year too late: the tick of {due} was left out, and that of {said} was yielded. All missed ticks are made up for."),
            );
        }
        run.departs(format!(
            "`Burst`, a period of 1 ns from 5s on, polled a year too late. Expected of poll {tick}: {}. It returned {}.",
            shown(&right),
            shown(&polled)
        ));
    }
}

#[test]
fn at_the_end_of_time_the_interval_does_not_end() {
    let begin = Time::after_start(Duration::from_nanos(u64::MAX) - 5 * SECOND);
    for missed in [Burst, Delay, Skip] {
        let run = run!();
        let clock = HandClock::at(begin);
        let polled = panics::expected(|| {
            let mut ticks = interval(clock.clone(), 10 * SECOND, missed);
            let task = poller(&Recorder::default(), "A");
            let mut poll =
                || task.lend(|waker| ticks.poll_next_unpin(&mut Context::from_waker(waker)));
            let first = poll();
            clock.advance(6 * SECOND);
            [first, poll(), poll()]
        });
        let polled = match polled {
            Ok(polled) => polled,
            Err(panic) => run.departs(format!(
                "`{missed:?}`, a tick whose moment would be behind `Time::END`: your code panicked: {}.",
                panic.message
            )),
        };
        let right = [Poll::Ready(Some(begin)), Poll::Ready(Some(Time::END))];
        if polled[..2] != right || polled[2] == Poll::Ready(None) {
            run.recorder().says("clock", "shows `Time::END`");
            run.departs(format!(
                "`{missed:?}`, a period of 10s, begun 5s before `Time::END`: polled then, at `Time::END` and once more. Expected: the tick of the begin, that of `Time::END`, and no end. The polls returned {}.",
                polled.map(|polled| shown(&polled)).join(", ")
            ));
        }
    }
}

#[test]
fn every_short_run_is_as_expected() {
    for (missed, right) in [
        (Burst, streams::MissedTicks::Burst),
        (Delay, streams::MissedTicks::Delay),
        (Skip, streams::MissedTicks::Skip),
    ] {
        let period = 3 * SECOND;
        let yours = move || Ticking::new(|clock| interval(clock, period, missed));
        let reference = move || Ticking::new(|clock| streams::interval(clock, period, right));
        let search = Search::of(&ALPHABET).naming(&KNOWN).up_to(4);
        search
            .and_random(100, 20, 310)
            .compare(&run!(), yours, reference);
        compare_two(&run!(), &ALPHABET[..3], 3, yours, reference);
    }
}
