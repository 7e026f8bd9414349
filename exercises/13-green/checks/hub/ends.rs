//! How a green thread ends, alone and beside another one; and every short run.

use std::future::pending;
use std::rc::Rc;
use std::task::Poll;

use super::super::subject::{is_green, wait};
use super::runs::{ALPHABET, KNOWN, Two};
use super::{green, polls};
use probe::runs::Search;
use probe::{panics, run};
use probe_futures::{gate, poller};

#[test]
fn a_poll_after_it_was_ready_panics() {
    let run = run!();
    let mut thread = green(|| {
        wait(event_loop::yield_now());
        7
    });
    let task = poller(run.recorder(), "task");
    polls(&run, || task.poll(thread.as_mut()), &Poll::Pending);
    polls(&run, || task.poll(thread.as_mut()), &Poll::Ready(7));
    let call = run.recorder().enters("task", "polls again");
    match panics::expected(|| task.poll(thread.as_mut())) {
        Err(_) => call.returns("panics"),
        Ok(Poll::Pending) => {
            call.returns("Pending");
            run.diagnose(
                "pending-after-ready",
                "The green thread was polled again after it was ready, and returned Pending. Nothing wakes the task again, so it waits forever. Expected: a panic.",
            );
        }
        Ok(Poll::Ready(_)) => run.departs("The green thread was polled again after it was ready, and was ready again. Expected: a panic."),
    }
    if is_green() {
        run.diagnose(
            "current-left-behind",
            "A green thread was polled again after it was ready, and the poll panicked. No green thread runs now, and `is_green()` returns true.",
        );
    }
}

#[test]
fn two_green_threads_in_turns_wait_each_with_its_own_waker() {
    let run = run!();
    let ((one, first), (other, second)) = (gate(), gate());
    let mut threads = [green(move || wait(first)), green(move || wait(second))];
    let tasks = ["A", "B"].map(|name| poller(run.recorder(), name));
    for _ in 0..2 {
        for (task, thread) in tasks.iter().zip(&mut threads) {
            let _ = task.poll(thread.as_mut());
        }
    }
    one.open(());
    let woken = tasks.each_ref().map(|task| task.wakes());
    if woken != [1, 0] {
        run.departs(format!(
            "A and B poll a green thread each. The gate of A's opened. Expected: A is woken once, B not. A was woken {} times, B {} times.",
            woken[0], woken[1]
        ));
    }
    other.open(());
}

#[test]
fn dropping_it_drops_what_it_waits_for() {
    let run = run!();
    let (key, gate) = gate::<()>();
    let mut thread = green(move || {
        wait(gate);
        wait(pending::<()>());
    });
    let task = poller(run.recorder(), "task");
    let _ = task.poll(thread.as_mut());
    drop(thread);
    if !key.is_gone() {
        run.diagnose(
            "never-dropped",
            "The green thread was dropped while it waited, and the future that it waited for was not.",
        );
    }
    if task.counts().alive > 0 {
        run.diagnose(
            "waker-leaked",
            "The green thread was dropped, and a waker of its task is still there.",
        );
    }
}

/// The same function on both sides.
macro_rules! two {
    ($($side:tt)*) => {
        || Two::new(
            |log, first, second| {
                Box::pin($($side)*::Green::new(move || {
                    log.borrow_mut().push("begins");
                    let one = $($side)*::wait(first);
                    log.borrow_mut().push("has the first");
                    let inner = Rc::clone(&log);
                    let other = $($side)*::Green::new(move || {
                        inner.borrow_mut().push("inner begins");
                        $($side)*::wait(second)
                    });
                    let two = $($side)*::wait(other.expect("the system gives a stack"));
                    log.borrow_mut().push(if $($side)*::is_green() { "has both" } else { "is not green" });
                    one * 10 + two
                }).expect("the system gives a stack"))
            },
            $($side)*::is_green,
        )
    };
}

#[test]
fn every_short_run_is_as_expected() {
    let search = Search::of(&ALPHABET)
        .up_to(5)
        .and_random(20, 20, 13)
        .naming(&KNOWN);
    search.compare(&run!(), two!(super::super::subject), two!(::green));
}
