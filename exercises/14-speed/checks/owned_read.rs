//! owned_read: reads that own their buffer until the kernel gives it back.

#[path = "owned_read/desk.rs"]
mod desk;
#[path = "owned_read/kernel.rs"]
mod kernel;
#[path = "owned_read/machine.rs"]
mod machine;

// The tests below come first, and then those of these modules, in this order.
#[path = "owned_read/cancelled.rs"]
mod cancelled;

#[path = "owned_read/in_flight.rs"]
mod in_flight;

use desk::Desk;
use probe::{run, snapshot};
use probe_futures::poller;

#[test]
fn a_read_returns_the_bytes_that_the_kernel_has_written() {
    let run = run!("one_read");
    let desk = Desk::new(&run);
    let mut one = desk.read("A");
    if desk.ring.submitted() > 0 {
        run.diagnose(
            "submitted-unpolled",
            "The read was made and not polled, and it was submitted.",
        );
    }
    if one.poll().is_ready() {
        run.departs("The kernel has not completed the read, and its future is ready.");
    }
    if desk.ring.submitted() != 1 {
        run.departs(format!(
            "After the first poll, {} reads were submitted.",
            desk.ring.submitted()
        ));
    }
    desk.expect_in_flight(1);
    desk.writes(1, "tea");
    if one.task.wakes() == 0 {
        run.departs("The ring reported that the read has completed, and its task was not woken.");
    }
    desk.expect_in_flight(0);
    match one.text() {
        Some(Ok(text)) if text == "tea" => {}
        other => run.departs(format!(
            "The kernel wrote \"tea\", and the read came to {other:?}."
        )),
    }
    snapshot!(run);
}

#[test]
fn a_poll_without_a_completion_submits_nothing_and_keeps_the_newest_waker() {
    let run = run!();
    let desk = Desk::new(&run);
    let mut one = desk.read("A");
    let _ = one.poll();
    let a = std::mem::replace(&mut one.task, poller(run.recorder(), "B"));
    let _ = one.poll();
    if desk.ring.submitted() != 1 {
        run.diagnose(
            "submitted-at-each-poll",
            format!("The read was polled twice, and {} reads were submitted. Each of them takes bytes out of the socket.", desk.ring.submitted()),
        );
    }
    if one.task.wakes() > 0 {
        run.diagnose(
            "busy-poll",
            "The read is in flight, and its poll woke its own task.",
        );
    }
    desk.writes(1, "tea");
    match (a.wakes(), one.task.wakes()) {
        (_, 1..) => {}
        (1.., 0) => run.diagnose(
            "first-waker-only",
            "A polled the read, then B. The completion woke A.",
        ),
        (0, 0) => run.departs("The completion woke no task."),
    }
}

#[test]
fn the_buffer_of_a_dropped_read_stays_until_the_kernel_gives_it_back() {
    let run = run!("dropped_in_flight");
    let desk = Desk::new(&run);
    let mut one = desk.read("A");
    let _ = one.poll();
    let memory = one.dropped();
    if desk.ring.has_an_orphan() {
        desk.writes(1, "tea");
    }
    desk.expect_in_flight(1);
    if !desk.ring.is_cancelled(1) {
        run.diagnose(
            "cancel-not-asked",
            "The read was dropped in flight, and the kernel was not asked to give it up. On a silent connection it stays in flight for ever, \
             and so does its buffer.",
        );
    }
    // The kernel was faster than the request.
    desk.writes(1, "tea");
    if memory.is_alive() {
        run.diagnose(
            "abandoned-buffer-kept",
            "The read was dropped, and then the kernel reported its completion. The buffer is still in use, and no code can reach it.",
        );
    }
    desk.expect_in_flight(0);
    snapshot!(run);
}
