//! hub: a function on a stack of its own, as a future.

#[path = "hub/runs.rs"]
mod runs;

// The tests below come first, and then those of these modules, in this order.
#[path = "hub/nested.rs"]
mod nested;

#[path = "hub/ends.rs"]
mod ends;

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::subject::{Green, is_green, wait};
use event_loop::EventLoop;
use probe::{Run, panics, run, snapshot};
use probe_futures::{gate, poller};
use probe_loop::SimDriver;

/// A green thread of this run.
fn green<T: 'static>(function: impl FnOnce() -> T + 'static) -> Pin<Box<Green<T>>> {
    Box::pin(Green::new(function).expect("the system gives a stack"))
}

#[test]
fn a_future_is_polled_once_in_each_poll() {
    let run = run!();
    let asked = Rc::new(Cell::new(0));
    let counts = Rc::clone(&asked);
    let inside = run.clone();
    let mut thread = green(move || {
        wait(poll_fn(|_| {
            counts.set(counts.get() + 1);
            if counts.get() > 100 {
                inside.diagnose(
                    "never-suspends",
                    "A green thread waits for a future that is pending. `wait` polls the future again and again, and does not suspend the green thread, so no other task runs.",
                );
            }
            Poll::<()>::Pending
        }));
    });
    let task = poller(run.recorder(), "task");
    for poll in 1..=3 {
        polls(&run, || task.poll(thread.as_mut()), &Poll::Pending);
        if asked.get() + 1 == poll {
            run.diagnose(
                "suspends-first",
                format!(
                    "The green thread was polled {poll} times, and the future that it waits for {} times: in the first poll `wait` suspended the green thread before it polled the future.",
                    asked.get()
                ),
            );
        }
        if asked.get() > poll {
            run.diagnose(
                "polled-in-a-loop",
                format!(
                    "The green thread was polled {poll} times, and the future that it waits for {} times. The future is pending: a second poll in the same resume finds nothing new.",
                    asked.get()
                ),
            );
        }
        if asked.get() != poll {
            run.departs(format!(
                "The green thread was polled {poll} times, and the future that it waits for {} times.",
                asked.get()
            ));
        }
    }
    if task.wakes() > 0 {
        run.diagnose(
            "busy-poll",
            "The future is pending and has woken no task. The green thread woke its own task, so the loop polls it again and again.",
        );
    }
}

#[test]
fn a_function_waits_in_the_middle_and_goes_on_with_the_value() {
    let run = run!("waits");
    let (key, gate) = gate();
    let recorder = run.recorder().clone();
    let mut thread = green(move || {
        recorder.says("function", "begins");
        let value = deep(3, gate);
        recorder.says("function", format!("has {value}"));
        value + 1
    });
    let task = poller(run.recorder(), "task");
    polls(&run, || task.poll(thread.as_mut()), &Poll::Pending);
    run.recorder().says("gate", "opens");
    key.open(41);
    if task.wakes() == 0 {
        run.recorder().lacks("task", "is not woken");
        run.diagnose(
            "never-registered",
            "The green thread waits for a gate, and the gate opened. The task that polled the green thread was not woken.",
        );
    }
    polls(&run, || task.poll(thread.as_mut()), &Poll::Ready(42));
    snapshot!(run);
}

/// A wait four calls below the function.
fn deep<F: Future>(calls: u32, future: F) -> F::Output {
    match calls {
        0 => wait(future),
        _ => deep(calls - 1, future),
    }
}

/// Polls, and shows what came of it. A poll that does not return is ended with its name.
#[track_caller]
fn polls<T: PartialEq + std::fmt::Debug>(
    run: &Run,
    poll: impl FnOnce() -> Poll<T>,
    expected: &Poll<T>,
) {
    let call = run.recorder().enters("task", "polls");
    let polled = run.risk(
        Some("hub-blocked"),
        "A green thread waits for a future that is not ready, and the poll of the green thread does not return. No other task runs meanwhile.",
        || panics::expected(poll),
    );
    let polled = match polled {
        Ok(polled) => polled,
        Err(panic) if panic.message.contains("already") && panic.message.contains("borrowed") => run.diagnose(
            "borrow-across-switch",
            format!("The green thread was suspended in `wait`, and what `wait` had borrowed stayed borrowed. The next poll panicked: {}.", panic.message),
        ),
        Err(panic) => run.departs(format!("The poll panicked: {}", panic.message)),
    };
    call.returns(format!("{polled:?}"));
    if polled.is_pending() && expected.is_ready() {
        run.diagnose(
            "suspends-after-ready",
            "The future that the green thread waits for is ready, and the poll of the green thread returned Pending. Expected: `wait` returns in this poll, and the function goes on.",
        );
    }
    if polled != *expected {
        run.departs(format!(
            "The poll returned {polled:?}. Expected: {expected:?}."
        ));
    }
}

#[test]
fn other_tasks_run_while_a_green_thread_waits() {
    let run = run!();
    let event_loop = EventLoop::with_driver(SimDriver::new(&probe_futures::Sim::new(&run)));
    let (key, gate) = gate();
    let waits = event_loop.handle().spawn(green(move || wait(gate)));
    let opens = event_loop.handle().spawn(async move { key.open(7) });
    let value = run.risk(
        Some("hub-blocked"),
        "A green thread waits for a value that another task of the loop sends, and that task is not polled: the wait blocks the loop.",
        || event_loop.block_on(async {
            let _ = opens.await;
            waits.await.ok()
        }),
    );
    if value != Some(7) {
        run.departs(format!(
            "The other task sent 7, and the green thread has {value:?}."
        ));
    }
}

#[test]
fn the_task_that_polled_last_is_woken() {
    let run = run!("polled_by_another");
    let (key, gate) = gate();
    let mut thread = green(move || wait(gate));
    let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
    for task in [&a, &b] {
        let call = run.recorder().enters(task.name(), "polls");
        let _ = task.poll(thread.as_mut());
        call.returns("Pending");
    }
    run.recorder().says("gate", "opens");
    key.open(());
    if b.wakes() == 0 {
        run.recorder().lacks("B", "is not woken");
        run.diagnose(
            "first-waker-only",
            "A polled the green thread, and then B did. The gate opened, and B was not woken: the future was polled with the waker of an earlier poll.",
        );
    }
    snapshot!(run);
}

#[test]
fn outside_of_a_green_thread_there_is_none_also_after_a_panic() {
    let run = run!();
    let task = poller(run.recorder(), "task");
    let mut fails = green(|| {
        wait(event_loop::yield_now());
        panic!("in the function");
    });
    let polled =
        [(); 2].map(|()| panics::expected(|| task.poll(fails.as_mut()).map(|never: ()| never)));
    match &polled {
        [Ok(Poll::Pending), Err(panic)] if panic.message == "in the function" => {}
        [Ok(Poll::Pending), Ok(Poll::Pending)] => run.diagnose(
            "panic-swallowed",
            "The function waited once and then panicked. The second poll of the green thread returned Pending, so the task that polls it never learns of the panic.",
        ),
        _ => run.departs("The function waited once and then panicked. Expected: Pending, and then its panic, from the poll."),
    }
    if is_green() {
        run.diagnose(
            "current-left-behind",
            "The polls of a green thread have returned and panicked. No green thread runs now, and `is_green()` returns true.",
        );
    }
    if panics::expected(|| wait(async {})).is_ok() {
        run.diagnose(
            "waits-without-a-green-thread",
            "`wait` was called where no green thread runs, and did not panic. Expected: a panic, also where the future is ready.",
        );
    }
}
