//! Which task an event wakes, when, and how often.

use std::cell::Cell;
use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::pin;
use std::rc::Rc;
use std::task::Context;

use super::reader::Reader;
use probe::run;
use probe_futures::poller;
use probe_io::Trigger;

#[test]
fn the_task_of_the_latest_poll_is_woken() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    let other = poller(run.recorder(), "other");
    let asks = pin!(poll_fn(|context| (reader.readiness).poll_io(
        1,
        context,
        || Ok(1),
        |_| false
    )));
    let call = run.recorder().enters("other", "reads");
    let _pending = other.poll(asks);
    call.returns("pending");
    reader.kernel.arrives(b"hello");
    reader.event();
    if other.wakes() == 0 {
        run.diagnose(
            "first-waker-only",
            "`task` polled first, and then `other` polled. The event did not wake `other`. The task of the latest poll is the one that \
             waits.",
        );
    }
}

#[test]
fn a_woken_task_may_poll_inside_its_wake() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"hello");
    let tries = Rc::new(Cell::new(0));
    let (again, tried) = (Rc::clone(&reader.readiness), Rc::clone(&tries));
    let woken = poller(run.recorder(), "woken");
    let waker = woken.waker();
    reader.task.on_wake_local(move || {
        let nothing = || {
            tried.set(tried.get() + 1);
            Err(ErrorKind::WouldBlock.into())
        };
        let asks = poll_fn(|context| again.poll_io(1, context, nothing, |()| false));
        let _poll = pin!(asks).as_mut().poll(&mut Context::from_waker(&waker));
    });
    let event = probe::panics::expected(|| reader.event());
    if let Err(panic) = event {
        run.diagnose(
            "borrowed-across-wake",
            format!(
                "The woken task called `poll_io` from inside `wake`, and that panicked: {}. A part of the readiness is still borrowed while \
                 the waker runs.",
                panic.message
            ),
        );
    }
    (run.recorder()).says(
        "task",
        format!(
            "polls inside wake, and makes {} attempts    expected: 1",
            tries.get()
        ),
    );
    if tries.get() == 0 {
        run.diagnose(
            "event-forgotten",
            "An event woke the task, and the task polled inside `wake`. `poll_io` made no attempt: the event was not remembered yet. The kernel \
             does not report it again.",
        );
    }
}

#[test]
fn forget_drops_the_waker() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.readiness.forget();
    run.recorder()
        .says("task", "is forgotten: forget() was called");
    if reader.task.counts().alive > 0 {
        run.diagnose(
            "waker-kept",
            "`forget` was called, and the task's waker is still kept. The waker keeps the whole task in memory.",
        );
    }
}

#[test]
fn a_task_that_has_not_polled_again_is_woken_once() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    for bytes in [&b"one"[..], b"two"] {
        reader.kernel.arrives(bytes);
        reader.event();
    }
    if reader.task.wakes() > 1 {
        run.diagnose(
            "waker-kept",
            "The first event woke the task, and it has not polled since. The second event woke it again: `event` called the waker and \
             kept it. The waker keeps the whole task in memory.",
        );
    }
}

#[test]
fn forget_keeps_what_an_event_reported() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"hello");
    reader.event();
    reader.readiness.forget();
    run.recorder()
        .says("task", "is forgotten: forget() was called");
    if reader.read().is_pending() {
        run.diagnose(
            "event-forgotten",
            "An event came, then `forget` was called, and the next poll is pending. `forget` drops the waiting task; the kernel does \
             not report the bytes again.",
        );
    }
}
