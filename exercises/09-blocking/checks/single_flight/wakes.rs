//! The tasks that are woken, and a caller that polls inside of its wake.

use std::future::pending;
use std::pin::{Pin, pin};

use super::super::subject::SingleFlight;
use probe::{Recorder, run};
use probe_futures::{LatestWaker, poller};

#[test]
fn the_task_that_polled_a_call_last_is_woken() {
    let run = run!();
    let flights: SingleFlight<&str, u32> = SingleFlight::new();
    let latest = LatestWaker::default();
    let mut call = pin!(flights.run("localhost", || latest.of(pending())));
    let (older, newer) = (
        poller(run.recorder(), "older"),
        poller(run.recorder(), "newer"),
    );
    let _ = older.poll(call.as_mut());
    let _ = newer.poll(call.as_mut());
    assert!(latest.wake(), "a poll of the call polls the work");
    if newer.wakes() == 0 {
        run.recorder().lacks("newer", "is not woken");
        run.diagnose(
            "first-waker-only",
            "A call was polled by one task and then by another. The work woke its callers, and the task that polled last was not woken.",
        );
    }
}

#[test]
fn a_call_that_waits_does_not_wake_its_own_task() {
    const POLLS: usize = 50;
    let run = run!();
    let flights: SingleFlight<&str, u32> = SingleFlight::new();
    let mut call = flights.run("localhost", pending);
    let task = poller(&Recorder::default(), "A");
    for _ in 0..POLLS {
        let _pending = task.poll(Pin::new(&mut call));
    }
    run.recorder().says(
        "A",
        format!("polls its call {POLLS} times: woken {} times", task.wakes()),
    );
    if task.wakes() >= POLLS {
        run.diagnose(
            "busy-poll",
            format!("The work has no output and called no waker. The call was polled {POLLS} times, and each poll woke its task: the task does not sleep."),
        );
    }
}

#[test]
fn a_woken_caller_may_poll_at_once() {
    let run = run!();
    let flights: SingleFlight<&str, u32> = SingleFlight::new();
    let latest = LatestWaker::default();
    let mut first = Box::pin(flights.run("localhost", || latest.of(pending())));
    let task = poller(run.recorder(), "A");
    let _ = task.poll(first.as_mut());
    // The call is polled inside of the waker, on this thread.
    let inner = poller(run.recorder(), "A, at once");
    task.on_wake_local(move || {
        let _ = inner.poll(first.as_mut());
    });
    run.risk(
        Some("wake-under-lock"),
        "The work woke its caller, and the caller polled inside of the waker. The poll does not return: your code holds a lock while it calls \
         the waker.",
        || assert!(latest.wake(), "a poll of the call polls the work"),
    );
}
