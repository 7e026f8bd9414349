//! 5.5 drain: to the last byte, within a budget.

#[path = "drain/machine.rs"]
mod machine;
#[path = "drain/moves.rs"]
mod moves;
#[path = "drain/reader.rs"]
mod reader;

// The tests below come first, and then those of these modules, in this order.
#[path = "drain/errors.rs"]
mod errors;

#[path = "drain/ends.rs"]
mod ends;

#[path = "drain/wakes.rs"]
mod wakes;

#[path = "drain/budget.rs"]
mod budget;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use super::subject::Readiness;
use probe::{run, snapshot};
use probe_futures::poller;
use probe_io::Trigger;
use reader::{Reader, never_registered, refuse_error, stalled};

#[test]
fn before_the_first_event_no_attempt_is_made() {
    let run = run!("before_the_event");
    let reader = Reader::new(&run, Trigger::Edge);
    match reader.read() {
        Poll::Pending => {}
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
        Poll::Ready(Ok(_)) => run.departs("There was nothing to read, and `poll_io` was ready."),
    }
    if reader.kernel.reads() > 0 {
        reader.note_the_attempt();
        run.diagnose(
            "tried-without-a-reason",
            "No event had reported this direction, and `poll_io` made an attempt. That costs a useless system call at each poll of each \
             waiting task.",
        );
    }
    if reader.task.counts().alive == 0 {
        never_registered(&run);
    }
    snapshot!(run);
}

#[test]
fn a_direction_that_starts_ready_is_tried_at_once() {
    let run = run!();
    let task = poller(run.recorder(), "task");
    let readiness = Readiness::ready();
    let attempt = pin!(poll_fn(|context| readiness.poll_io(
        1,
        context,
        || Ok(7),
        |_| false
    )));
    let call = run.recorder().enters("task", "tries");
    let poll = task.poll(attempt);
    call.returns(if poll.is_ready() { "done" } else { "pending" });
    if !matches!(poll, Poll::Ready(Ok(7))) {
        run.departs("`Readiness::ready()` is worth an attempt at once, and the attempt would have succeeded.");
    }
}

#[test]
fn an_event_wakes_the_task_and_the_bytes_are_read() {
    let run = run!("woken_and_read");
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"hello");
    reader.event();
    match reader.task.wakes() {
        0 => run.diagnose(
            "forgot-to-wake",
            "The task was waiting, an event came, and the task was not woken.",
        ),
        1 => {}
        _ => run.departs("One event woke the task more than once."),
    }
    match reader.read() {
        Poll::Ready(Ok(5)) => {}
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
        _ => run.departs("The event reported bytes, and the read did not return them."),
    }
    snapshot!(run);
}

#[test]
fn an_event_before_the_first_poll_is_remembered() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    reader.kernel.arrives(b"hello");
    reader.event();
    if reader.read().is_pending() {
        run.diagnose(
            "event-forgotten",
            "The event came before the first poll, and that poll is pending. The kernel reports a change once, so no other event will \
             come.",
        );
    }
}

#[test]
fn after_wouldblock_the_task_waits_for_the_next_event() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    // A spurious event.
    run.recorder()
        .says("kernel", "reports: readable, and no bytes are there");
    reader.readiness.event(false);
    match reader.read() {
        Poll::Pending => {}
        Poll::Ready(Ok(_)) => run.departs("There was nothing to read, and `poll_io` was ready."),
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
    }
    if reader.task.counts().alive == 0 {
        never_registered(&run);
    }
    let (reads, wakes) = (reader.kernel.reads(), reader.task.wakes());
    if wakes > 0 {
        run.diagnose(
            "busy-poll",
            "There is nothing to read, and the poll woke its own task. The executor would poll it without end until bytes arrive.",
        );
    }
    let _pending = reader.read();
    if reader.kernel.reads() > reads {
        reader.note_the_attempt();
        run.diagnose(
            "tried-without-a-reason",
            "The last attempt returned `WouldBlock`, no event has come since, and `poll_io` made another attempt. The outcome of an \
             attempt has to be remembered too.",
        );
    }
    reader.kernel.arrives(b"now");
    reader.event();
    if reader.task.wakes() == wakes {
        run.diagnose(
            "forgot-to-wake",
            "The task was waiting, an event came, and the task was not woken.",
        );
    }
    if !matches!(reader.read(), Poll::Ready(Ok(3))) {
        run.departs("The event reported bytes, and the read did not return them.");
    }
}

#[test]
fn the_task_also_waits_when_an_announced_end_is_not_there() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    run.recorder()
        .says("kernel", "reports: read closed, and no end is there");
    reader.readiness.event(true);
    match reader.read() {
        Poll::Pending => {}
        Poll::Ready(Ok(_)) => run.departs("There was nothing to read, and `poll_io` was ready."),
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
    }
    if reader.task.wakes() > 0 {
        run.diagnose(
            "busy-poll",
            "The attempt returned `WouldBlock`, and the poll woke its own task. After `WouldBlock` the direction is drained, also when \
             the last event announced an end.",
        );
    }
    if reader.task.counts().alive == 0 {
        never_registered(&run);
    }
}

#[test]
fn one_event_may_stand_for_many_reads() {
    let run = run!("many_reads");
    let reader = Reader::new(&run, Trigger::Edge);
    reader.kernel.arrives(b"twenty bytes at once");
    reader.run();
    if !reader.has(b"twenty bytes at once") {
        stalled(&run, &reader);
    }
    snapshot!(run);
}
