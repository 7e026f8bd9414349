//! Thresholds and cool-downs at the ends of their range.

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

trait IsOk {
    fn is_ready_and_ok(&self) -> bool;
}

impl<T, E> IsOk for std::task::Poll<Result<T, E>> {
    fn is_ready_and_ok(&self) -> bool {
        matches!(self, std::task::Poll::Ready(Ok(_)))
    }
}
