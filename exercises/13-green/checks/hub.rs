//! hub: a function on a stack of its own, as a future.

use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::subject::{Green, is_green, wait};
use event_loop::EventLoop;
use futures::FutureExt;
use probe::runs::Search;
use probe::{Run, panics, run, snapshot};
use probe_futures::{gate, poller};
use probe_loop::SimDriver;

#[path = "hub/runs.rs"]
mod runs;

use runs::{ALPHABET, KNOWN, Two};

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
    search.compare(&run!(), two!(super::subject), two!(::green));
}
