//! Thresholds and cool-downs at the ends of their range.

use std::cell::Cell;
use std::future::{Future, poll_fn, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::super::subject::{BreakerState, CircuitBreaker};
use super::world::{COOL_DOWN, SECOND, poll_with};
use event_loop::Time;
use probe::{Run, panics};
use probe_loop::HandClock;

pub(super) fn judge(run: &Run) {
    let opens_after = |threshold: u32, failures: u32| {
        let clock = HandClock::at(Time::START);
        let breaker = CircuitBreaker::new(clock, threshold, COOL_DOWN);
        for _ in 0..failures {
            let _failed = poll_with(&breaker, || std::future::ready(Err(())));
        }
        breaker.state() == BreakerState::Open
    };
    for (threshold, failures, opens) in [
        (70_000, 69_999, false),
        (70_000, 70_000, true),
        (u32::MAX, 70_000, false),
    ] {
        if opens_after(threshold, failures) != opens {
            run.departs(format!("The threshold is {threshold}. After {failures} failures in a row the breaker is open: {}.", !opens));
        }
    }
    for (cool_down, passes, let_through) in [
        (Duration::ZERO, Duration::ZERO, true),
        (Duration::MAX, 1_000_000 * COOL_DOWN, false),
    ] {
        let clock = HandClock::at(Time::START + SECOND);
        let breaker = CircuitBreaker::new(clock.clone(), 1, cool_down);
        let _failed = poll_with(&breaker, || std::future::ready(Err(())));
        clock.advance(passes);
        if poll_with(&breaker, || std::future::ready(Ok(()))).is_ready_and_ok() != let_through {
            run.departs(format!(
                "The cool-down is {cool_down:?}. After {passes:?} a call was made: {}.",
                !let_through
            ));
        }
    }
    if panics::expected(|| CircuitBreaker::new(HandClock::at(Time::START), 0, SECOND)).is_ok() {
        run.departs("A threshold of zero has to panic.");
    }
}

/// A call that began 256 or 65,536 openings ago fails. A number of changes that begins anew in between takes it for a call of now.
pub(super) fn late_after_many_changes(run: &Run) {
    for openings in [256, 65_536] {
        let clock = HandClock::at(Time::START);
        let breaker = CircuitBreaker::new(clock, 1, Duration::ZERO);
        let answer = Cell::new(None);
        let mut late =
            pin!(breaker.call(|| poll_fn(|_| answer.get().map_or(Poll::Pending, Poll::Ready))));
        let mut context = Context::from_waker(Waker::noop());
        let _pending = late.as_mut().poll(&mut context);
        for _ in 0..openings {
            let _failed = poll_with(&breaker, || ready(Err(())));
            let _probe = poll_with(&breaker, || ready(Ok(())));
        }
        if breaker.state() != BreakerState::Closed {
            run.departs("The threshold is 1 and the cool-down is zero. A call failed, and the next call has to be the probe. It has not closed the breaker.");
        }
        answer.set(Some(Err::<(), ()>(())));
        let _failed = late.as_mut().poll(&mut context);
        if breaker.state() != BreakerState::Closed {
            run.recorder().says("late", "its call fails → open");
            run.diagnose(
                "generation-too-small",
                format!(
                    "A call began, the breaker opened and was closed again {openings} times, and then the call failed. It has opened the \
                     breaker. Fewer changes tell it from a call of now: the number that you compare begins anew."
                ),
            );
        }
    }
}

trait IsOk {
    fn is_ready_and_ok(&self) -> bool;
}

impl<T, E> IsOk for std::task::Poll<Result<T, E>> {
    fn is_ready_and_ok(&self) -> bool {
        matches!(self, std::task::Poll::Ready(Ok(_)))
    }
}
