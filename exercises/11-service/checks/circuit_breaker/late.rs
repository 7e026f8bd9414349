//! Calls that end late, that are never polled, or that make another call; and every short run.

use std::cell::Cell;
use std::future::{Future, pending, poll_fn, ready};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::super::subject::{BreakerState, CircuitBreaker};
use super::machine;
use super::world::{COOL_DOWN, INSIDE, SECOND, Seen, World, poll_with};
use event_loop::Time;
use probe::{panics, run, snapshot};
use probe_loop::HandClock;

trait IsOk {
    fn is_ready_and_ok(&self) -> bool;
}

impl<T, E> IsOk for std::task::Poll<Result<T, E>> {
    fn is_ready_and_ok(&self) -> bool {
        matches!(self, std::task::Poll::Ready(Ok(_)))
    }
}

#[test]
fn a_call_that_ends_after_a_change_of_state_changes_nothing() {
    for well in [true, false] {
        let world = World::new(if well { run!("late") } else { run!() }, 1);
        let (mut slow, _) = world.begins("slow");
        world.call("call", false);
        world.passes(4 * SECOND);
        world.ends(&mut slow, well);
        if !world.is(BreakerState::Open) {
            world.run.diagnose(
                "late-call-counts",
                "A call began before the breaker opened and succeeded after it. The breaker is not open any more: an old success says nothing \
                 about now.",
            );
        }
        world.passes(6 * SECOND);
        if world.call("probe", true) == Seen::Refused {
            world.run.diagnose(
                "late-call-counts",
                "The breaker opened at 5 s. A call that had begun before failed at 9 s, and the call at 15 s was refused: the old failure has \
                 begun the cool-down anew.",
            );
        }
        if well {
            snapshot!(world.run);
        }
    }
}

#[test]
fn a_call_that_ends_in_a_later_closed_state_changes_nothing() {
    let world = World::new(run!("much_later"), 1);
    let (mut slow, _) = world.begins("slow");
    world.call("call", false);
    world.passes(COOL_DOWN);
    world.call("probe", true);
    world.ends(&mut slow, false);
    if !world.is(BreakerState::Closed) {
        world.run.diagnose(
            "late-call-counts",
            "A call began, the breaker opened and was closed again, and then the call failed. It has opened the breaker: an old failure says \
             nothing about now.",
        );
    }
    snapshot!(world.run);
    let run = run!();
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

#[test]
fn a_call_that_is_not_polled_changes_nothing() {
    let world = World::new(run!(), 1);
    world.call("call", false);
    world.passes(COOL_DOWN);
    let unpolled = world.breaker.call(pending::<Result<(), ()>>);
    let seen = world.call("probe", true);
    if seen == Seen::Refused {
        world.run.diagnose(
            "decided-before-the-first-poll",
            "The cool-down had passed. A future of `call` was made and never polled, and the call after it was refused: the first was taken for \
             the probe.",
        );
    }
    world.expect(
        seen,
        Seen::Ok,
        "Another call was made before, and never polled",
    );
    drop(unpolled);
    if !world.is(BreakerState::Closed) {
        world
            .run
            .departs("A call that was never polled was dropped, and the breaker is not closed.");
    }
}

#[test]
fn an_operation_may_use_the_breaker() {
    let world = World::new(run!(), 2);
    INSIDE.set(Some(Rc::clone(&world.breaker)));
    let polled = panics::expected(|| {
        poll_with(&world.breaker, || {
            let inside = INSIDE.take().expect("it is set");
            let _failed = poll_with(&inside, || std::future::ready(Err(())));
            let _state = inside.state();
            std::future::ready(Err(()))
        })
    });
    if let Err(panic) = polled {
        world.run.diagnose(
            "borrowed-across-the-call",
            format!(
                "An operation made another call through the same breaker, and that panicked: {}.",
                panic.message
            ),
        );
    }
    if !world.is(BreakerState::Open) {
        world
            .run
            .departs("Both calls have failed, the threshold is 2, and the breaker is not open.");
    }
}

#[test]
fn every_threshold_and_every_cool_down_is_possible() {
    let run = run!();
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

#[test]
fn every_short_run_is_as_expected() {
    machine::compare(&run!());
}
