//! Circuit breakers on virtual time: late calls, cancelled probes, and the exact moments.

use std::cell::Cell;
use std::future::{Future, pending, ready};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use event_loop::Time;
use probe_loop::HandClock;
use service::{BreakerState, CircuitBreaker, Refused};
use wakers::oneshot;

const SECOND: Duration = Duration::from_secs(1);

fn poll_once<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
    future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

fn ends(breaker: &CircuitBreaker<HandClock>, well: bool) -> Result<(), Refused<()>> {
    let result = if well { Ok(()) } else { Err(()) };
    match poll_once(&mut Box::pin(breaker.call(|| ready(result)))) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("the operation is ready"),
    }
}

fn breaker(threshold: u32) -> (HandClock, CircuitBreaker<HandClock>) {
    let clock = HandClock::at(Time::START);
    (
        clock.clone(),
        CircuitBreaker::new(clock, threshold, 10 * SECOND),
    )
}

#[test]
fn only_failures_in_a_row_open_it() {
    let (_clock, breaker) = breaker(3);
    for well in [false, false, true, false, false] {
        let _result = ends(&breaker, well);
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
    assert_eq!(ends(&breaker, false), Err(Refused::Failed(())));
    assert_eq!(breaker.state(), BreakerState::Open);
}

#[test]
fn the_probe_is_let_through_at_the_very_moment_and_no_call_before() {
    let (clock, breaker) = breaker(1);
    let _failed = ends(&breaker, false);
    clock.advance(10 * SECOND - Duration::from_nanos(1));
    let called = Cell::new(false);
    let mut early = Box::pin(breaker.call(|| {
        called.set(true);
        ready(Ok::<_, ()>(()))
    }));
    assert_eq!(poll_once(&mut early), Poll::Ready(Err(Refused::Open)));
    assert!(!called.get());
    clock.advance(Duration::from_nanos(1));
    assert_eq!(ends(&breaker, true), Ok(()));
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn exactly_one_probe_is_under_way() {
    let (clock, breaker) = breaker(1);
    let _failed = ends(&breaker, false);
    clock.advance(10 * SECOND);
    let mut probe = Box::pin(breaker.call(pending::<Result<(), ()>>));
    assert!(poll_once(&mut probe).is_pending());
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    for _ in 0..3 {
        assert_eq!(ends(&breaker, true), Err(Refused::Open));
    }
    drop(probe);
    assert_eq!(ends(&breaker, true), Ok(()));
}

#[test]
fn a_call_that_began_before_the_change_and_ends_after_it_changes_nothing() {
    for well in [false, true] {
        let (clock, breaker) = breaker(1);
        let (answer, answered) = oneshot::channel::<Result<(), ()>>();
        let mut late = Box::pin(breaker.call(|| async { answered.await.unwrap() }));
        assert!(poll_once(&mut late).is_pending());
        let _failed = ends(&breaker, false);
        clock.advance(5 * SECOND);
        let _sent = answer.send(if well { Ok(()) } else { Err(()) });
        assert!(poll_once(&mut late).is_ready());
        assert_eq!(breaker.state(), BreakerState::Open);
        clock.advance(5 * SECOND);
        assert_eq!(ends(&breaker, true), Ok(()), "the time was not extended");
    }
}

#[test]
fn a_probe_that_panics_makes_way_for_the_next() {
    let (clock, breaker) = breaker(1);
    let _failed = ends(&breaker, false);
    clock.advance(10 * SECOND);
    let mut probe = Box::pin(breaker.call(|| async { panic!("boom") }));
    let panic =
        probe::panics::expected(|| -> Poll<Result<(), Refused<()>>> { poll_once(&mut probe) });
    assert!(panic.is_err());
    drop(probe);
    assert_eq!(ends(&breaker, true), Ok(()));
    assert_eq!(breaker.state(), BreakerState::Closed);
}
