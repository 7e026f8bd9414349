//! Several waits in one poll, and green threads that poll each other.

use std::task::Poll;

use super::super::subject::{is_green, wait};
use super::{green, polls};
use futures::FutureExt;
use probe::{panics, run};
use probe_futures::{gate, poller};

#[test]
fn a_function_may_wait_several_times_in_one_poll() {
    let run = run!();
    let (key, gate) = gate();
    let mut thread = green(move || wait(async { 1 }) + wait(async { 2 }) + wait(gate));
    let task = poller(run.recorder(), "task");
    let mut key = Some(key);
    for expected in [Poll::Pending, Poll::Ready(7)] {
        let polled = panics::expected(|| task.poll(thread.as_mut()));
        match polled {
            Ok(polled) if polled == expected => {}
            Ok(polled) => run.departs(format!("The function waits for 1, for 2, and for a gate, which opens with 4. The poll returned {polled:?}. Expected: {expected:?}.")),
            Err(panic) => run.diagnose(
                "one-wait-a-poll",
                format!("In one poll the function waited for two futures that were ready, and then for a third. A `wait` panicked: {}.", panic.message),
            ),
        }
        if let Some(key) = key.take() {
            key.open(4);
        }
    }
}

#[test]
fn a_future_that_a_green_thread_waits_for_may_call_a_function_that_waits() {
    let run = run!();
    let mut thread = green(|| {
        let three = async {
            wait(event_loop::yield_now());
            wait(event_loop::yield_now());
            3
        };
        4 + wait(three)
    });
    let task = poller(run.recorder(), "task");
    for expected in [Poll::Pending, Poll::Pending, Poll::Ready(7)] {
        polls(&run, || task.poll(thread.as_mut()), &expected);
    }
}

#[test]
fn a_green_thread_may_poll_another_one() {
    let run = run!();
    let (key, gate) = gate();
    let mut outer = green(move || {
        let mut inner = green(move || wait(gate));
        let first = inner.as_mut().now_or_never();
        let still = is_green();
        // The outer one waits while the inner one is in the middle of its wait.
        wait(event_loop::yield_now());
        (first, still, wait(inner))
    });
    let task = poller(run.recorder(), "task");
    let mut poll = || panics::expected(|| task.poll(outer.as_mut()));
    let first = poll();
    if task.wakes() == 0 && first.is_ok() {
        run.diagnose(
            "outer-thread-forgotten",
            "A green thread polled another one with a waker of its own, and waited for a future that wakes at once. The task of the first one was not woken: the future was polled with the waker of the second one.",
        );
    }
    let second = poll();
    key.open(5);
    let third = poll();
    let caught = [&first, &second, &third]
        .into_iter()
        .find_map(|polled| polled.as_ref().err());
    if let Some(panic) = caught {
        run.diagnose(
            "outer-thread-forgotten",
            format!(
                "A green thread polled another one, and called `wait` after that. It panicked: {}.",
                panic.message
            ),
        );
    }
    match third.ok() {
        Some(Poll::Ready((None, true, 5))) => {}
        Some(Poll::Ready((None, false, _))) => run.diagnose(
            "outer-thread-forgotten",
            "A green thread polled another one, and then `is_green()` returned false inside of it.",
        ),
        other => run.departs(format!(
            "A green thread polled another one, which was pending, and waited for it. Expected: Ready((None, true, 5)). The poll returned {other:?}."
        )),
    }
}
