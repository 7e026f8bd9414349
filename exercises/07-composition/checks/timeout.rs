//! 7.5 timeout: a future, but not for longer than a limit.

use std::future::{pending, ready};
use std::task::Poll;
use std::time::Duration;

use super::subject::{timeout, timeout_at};
use composition::{Deadline, Elapsed};
use event_loop::Time;
use probe::detect::DropCounter;
use probe::runs::Search;
use probe::{panics, run, snapshot};
use probe_futures::{gate, poller};
use probe_loop::HandClock;

#[path = "timeout/driving.rs"]
mod driving;
#[path = "timeout/events.rs"]
mod events;
#[path = "timeout/machine.rs"]
mod machine;

use driving::{poll, shown};
use events::{ALPHABET, KNOWN, Limit};
use machine::{Reference, Yours};

const SECOND: Duration = Duration::from_secs(1);

fn at(seconds: u64) -> Time {
    Time::START + SECOND * u32::try_from(seconds).expect("it is short")
}

const fn request(when: Time) -> Deadline {
    Deadline::at(when).of("request")
}

#[test]
fn a_value_before_the_deadline_is_the_result() {
    let run = run!("value");
    let clock = HandClock::default();
    let (key, value) = gate();
    let mut limited = Box::pin(timeout(&clock, 2 * SECOND, value));
    let a = poller(&probe::Recorder::new(), "A");
    if poll(&run, &a, limited.as_mut()).is_ready() {
        run.departs("The future was not ready, no time had passed, and the time-out was ready.");
    }
    clock.advance(SECOND);
    run.recorder().says("clock", "shows 1s");
    key.open(7);
    run.recorder().says("future", "has its value");
    if a.wakes() == 0 {
        run.diagnose("never-registered", "The future had its value, and the task of the time-out was not woken: the future was not polled with its waker.");
    }
    if poll(&run, &a, limited.as_mut()) != Poll::Ready(Ok(7)) {
        run.departs(
            "The future returned 7 one second before the deadline. Expected: ready(Ok(7)).",
        );
    }
    snapshot!(run);
}

#[test]
fn at_the_deadline_a_future_that_is_not_ready_has_elapsed() {
    let run = run!("elapsed");
    let clock = HandClock::default();
    let mut limited = Box::pin(timeout_at(&clock, request(at(2)), pending()));
    let a = poller(&probe::Recorder::new(), "A");
    for second in 1..=2 {
        if poll(&run, &a, limited.as_mut()).is_ready() {
            run.departs("The deadline was still to come, and the time-out was ready.");
        }
        clock.advance(SECOND);
        run.recorder().says("clock", format!("shows {second}s"));
    }
    if a.wakes() == 0 {
        clock.advance(SECOND);
        if a.wakes() > 0 {
            run.departs("The deadline, 2s, had come, and the task of the time-out was not woken. It was woken when the clock went on to 3s: the sleep ends later than the deadline.");
        }
        run.diagnose("never-registered", "The deadline has passed, and the task of the time-out was not woken: the sleep was not polled with its waker.");
    }
    match poll(&run, &a, limited.as_mut()) {
        Poll::Ready(Err(elapsed)) if elapsed.deadline() == request(at(2)) => {}
        Poll::Ready(Err(elapsed)) => run.departs(format!(
            "Expected: {}. The error says that {elapsed}.",
            Elapsed::new(request(at(2)))
        )),
        Poll::Ready(Ok(_)) => unreachable!("the future is never ready"),
        Poll::Pending => {
            run.departs("The clock shows the deadline, and the time-out is still pending.")
        }
    }
    snapshot!(run);
}

#[test]
fn a_future_that_is_ready_at_the_deadline_succeeds() {
    let run = run!("both");
    let clock = HandClock::default();
    let (key, value) = gate();
    let mut limited = Box::pin(timeout(&clock, SECOND, value));
    let a = poller(&probe::Recorder::new(), "A");
    let _pending = poll(&run, &a, limited.as_mut());
    clock.advance(SECOND);
    run.recorder().says("clock", "shows 1s, the deadline");
    key.open(7);
    run.recorder().says("future", "has its value");
    if poll(&run, &a, limited.as_mut()) != Poll::Ready(Ok(7)) {
        run.diagnose("value-lost-at-the-deadline", "The value was there in the poll in which the deadline had passed, and the time-out did not return it.");
    }
    snapshot!(run);
}

#[test]
fn a_future_that_is_ready_at_once_succeeds_whatever_the_deadline() {
    for (name, when) in [("zero", at(5)), ("in the past", at(1))] {
        for clock in [HandClock::at(at(5)), HandClock::like_a_loop(at(5))] {
            let run = run!();
            run.recorder().says("deadline", format!("is {name}"));
            let mut limited = Box::pin(timeout_at(&clock, when, ready(7)));
            let a = poller(&probe::Recorder::new(), "A");
            if poll(&run, &a, limited.as_mut()) != Poll::Ready(Ok(7)) {
                run.diagnose("value-lost-at-the-deadline", "The deadline had passed before the first poll. The future is ready at once, and the time-out did not return its value.");
            }
        }
    }
}

#[test]
fn the_duration_counts_from_the_call() {
    let run = run!();
    let clock = HandClock::at(at(5));
    let mut limited = Box::pin(timeout(&clock, 2 * SECOND, pending()));
    run.recorder().says("caller", "timeout(2s) at 5s");
    let a = poller(&probe::Recorder::new(), "A");
    for now in [5, 6] {
        if poll(&run, &a, limited.as_mut()).is_ready() {
            run.diagnose(
                "measured-from-the-start",
                format!("The time-out of 2 s was made at 5 s and has elapsed at {now} s. Expected: at 7 s."),
            );
        }
        clock.advance(SECOND);
        run.recorder().says("clock", format!("shows {}s", now + 1));
    }
    match poll(&run, &a, limited.as_mut()) {
        Poll::Ready(Err(elapsed)) if elapsed.deadline() == Deadline::at(at(7)) => {}
        other => run.departs(format!(
            "The time-out of 2 s was made at 5 s. At 7 s its poll returned {}.",
            shown(&other)
        )),
    }
}

#[test]
fn no_nanosecond_of_the_duration_is_lost() {
    const NANO: Duration = Duration::from_nanos(1);
    for nanos in [1, 1_000, 999_999, 1_000_001, 3_600_000_000_001] {
        let run = run!();
        let (clock, duration) = (HandClock::at(at(5)), Duration::from_nanos(nanos));
        run.recorder()
            .says("caller", format!("timeout({duration:?})"));
        let mut limited = Box::pin(timeout(&clock, duration, pending()));
        let a = poller(&probe::Recorder::new(), "A");
        for passes in [Duration::ZERO, duration - NANO] {
            clock.advance(passes);
            run.recorder()
                .says("clock", format!("{passes:?} have passed"));
            if poll(&run, &a, limited.as_mut()).is_ready() {
                run.diagnose(
                    "rounded-down",
                    "The time-out has elapsed before its duration had passed.",
                );
            }
        }
        clock.advance(NANO);
        run.recorder()
            .says("clock", format!("{duration:?} have passed"));
        if poll(&run, &a, limited.as_mut()).is_pending() {
            run.departs("The duration has passed, and the time-out is pending.");
        }
    }
}

#[test]
fn the_longest_duration_never_elapses() {
    let run = run!();
    let clock = HandClock::at(at(5));
    run.recorder()
        .says("caller", "timeout(Duration::MAX) at 5s");
    let made = panics::expected(|| timeout(&clock, Duration::MAX, pending()));
    let mut limited = match made {
        Ok(limited) => Box::pin(limited),
        Err(panic) => run.diagnose(
            "overflows-at-max",
            format!("The call panicked: {}.", panic.message),
        ),
    };
    let a = poller(&probe::Recorder::new(), "A");
    // 2³² seconds are 136 years.
    for _ in 0..3 {
        if poll(&run, &a, limited.as_mut()).is_ready() {
            run.diagnose("overflows-at-max", "Of the longest duration that there is, no more than two centuries have passed, and the time-out has elapsed.");
        }
        clock.advance(SECOND * 3_155_760_000);
        run.recorder().says("clock", "a century passes");
    }
}

#[test]
fn the_future_is_dropped_before_elapsed_is_returned() {
    let run = run!("dropped");
    let (clock, counter) = (HandClock::default(), DropCounter::new());
    let token = counter.token();
    let work = async move {
        let _token = token;
        pending().await
    };
    let mut limited = Box::pin(timeout(&clock, SECOND, work));
    let a = poller(&probe::Recorder::new(), "A");
    let _pending = poll(&run, &a, limited.as_mut());
    clock.advance(SECOND);
    run.recorder().says("clock", "shows 1s, the deadline");
    if poll(&run, &a, limited.as_mut()).is_pending() {
        run.departs("The deadline has passed, and the time-out is pending.");
    }
    if counter.alive() > 0 {
        run.recorder().lacks("future", "is not dropped");
        run.diagnose("loser-lives-on", "The time-out has returned `Elapsed`, and the future is still there. It lives as long as the time-out does: what it holds stays taken.");
    }
    run.recorder().says("future", "is dropped");
    snapshot!(run);
}

#[test]
fn the_timer_is_gone_when_the_value_is_returned() {
    let run = run!();
    let clock = HandClock::default();
    let mut limited = Box::pin(timeout(&clock, SECOND, ready(7)));
    let a = poller(&probe::Recorder::new(), "A");
    if poll(&run, &a, limited.as_mut()).is_pending() {
        run.departs("The future is ready at once, and the time-out is pending.");
    }
    if clock.alive() > 0 {
        run.recorder().lacks("timer", "is not removed");
        run.diagnose("timer-leaked", "The time-out has returned the value, and its timer is still set. It stays until the time-out is dropped.");
    }
}

#[test]
fn each_of_two_nested_time_outs_reports_its_own_deadline() {
    for (outer, inner) in [(1, 2), (2, 1), (1, 1)] {
        let run = run!();
        let clock = HandClock::default();
        let (outer_limit, inner_limit) = (
            Deadline::at(at(outer)).of("outer"),
            Deadline::at(at(inner)).of("inner"),
        );
        run.recorder().says(
            "caller",
            format!("the outer deadline is {outer}s, the inner is {inner}s"),
        );
        let work = timeout_at(&clock, inner_limit, pending::<u32>());
        let mut limited = Box::pin(timeout_at(&clock, outer_limit, work));
        let a = poller(&probe::Recorder::new(), "A");
        let _pending = a.poll(limited.as_mut());
        clock.advance(SECOND);
        run.recorder().says("clock", "shows 1s");
        let expected = match outer < inner {
            true => Err(Elapsed::new(outer_limit)),
            false => Ok(Err(Elapsed::new(inner_limit))),
        };
        let polled = a.poll(limited.as_mut());
        if polled != Poll::Ready(expected) {
            run.recorder()
                .says("outer time-out", format!("polled → {polled:?}"));
            run.departs(format!("Expected: Ready({expected:?})."));
        }
    }
}

#[test]
fn every_short_run_is_as_expected() {
    let search = || Search::of(&ALPHABET).naming(&KNOWN);
    for (like_a_loop, length) in [(false, 4), (true, 3)] {
        let (yours, reference) = (
            |limit| move || Yours::new(limit, like_a_loop),
            |limit| move || Reference::new(limit, like_a_loop),
        );
        let two = Limit::Seconds(2);
        search()
            .up_to(length)
            .and_random(100, 9, 7)
            .compare(&run!(), yours(two), reference(two));
        for limit in [Limit::Seconds(0), Limit::Past, Limit::Never] {
            search()
                .up_to(3)
                .compare(&run!(), yours(limit), reference(limit));
        }
    }
}
