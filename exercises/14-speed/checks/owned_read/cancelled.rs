//! Reads that are cancelled or dropped before, while and after the kernel has their buffer.

use super::desk::{Desk, One};
use probe::{run, snapshot};

#[test]
fn a_completion_that_comes_after_a_drop_reaches_no_other_read() {
    let run = run!();
    let desk = Desk::new(&run);
    let mut old = desk.read("A");
    let _ = old.poll();
    let _memory = old.dropped();
    let mut new = desk.read("B");
    let _ = new.poll();
    desk.gives_up(1);
    if new.task.wakes() > 0 || new.poll().is_ready() {
        run.diagnose(
            "completion-after-cancel",
            "A's read was dropped, and B began another one. Then the ring reported the completion of A's read, and it reached B's.",
        );
    }
    desk.writes(2, "coffee");
    match new.text() {
        Some(Ok(text)) if text == "coffee" => {}
        other => run.departs(format!(
            "The kernel wrote \"coffee\" for B's read, and it came to {other:?}."
        )),
    }
}

/// A read that was cancelled, and that the kernel has not given up.
fn cancelled(desk: &Desk) -> One {
    let mut one = desk.read("A");
    let _ = one.poll();
    one.cancel();
    if !desk.ring.is_cancelled(1) {
        desk.run.diagnose(
            "cancel-not-asked",
            "`cancel` was called, and the kernel was not asked to give up the read.",
        );
    }
    if one.poll().is_ready() {
        desk.run.departs(
            "The read was cancelled, the kernel has not reported its completion, and it is ready.",
        );
    }
    one
}

#[test]
fn a_cancelled_read_returns_its_buffer_when_the_kernel_has_given_it_up() {
    let run = run!();
    let desk = Desk::new(&run);
    let mut one = cancelled(&desk);
    desk.gives_up(1);
    match one.text() {
        Some(Err(())) => {}
        other => run.departs(format!(
            "The kernel has given up the read, and it came to {other:?}."
        )),
    }
    desk.expect_in_flight(0);
}

#[test]
fn bytes_that_arrive_before_the_kernel_gives_up_are_returned() {
    let run = run!("too_late");
    let desk = Desk::new(&run);
    let mut one = cancelled(&desk);
    desk.writes(1, "tea");
    match one.text() {
        Some(Ok(text)) if text == "tea" => {}
        Some(Err(())) => run.diagnose(
            "read-lost-to-cancel",
            "The read was cancelled, but the kernel had been faster and wrote \"tea\". The read returned that it was cancelled: the bytes \
             have left the socket, and no code gets them.",
        ),
        other => run.departs(format!("The kernel wrote \"tea\", and the read came to {other:?}.")),
    }
    snapshot!(run);
}

#[test]
fn a_read_that_has_not_begun_can_be_cancelled_or_dropped() {
    let run = run!();
    let desk = Desk::new(&run);
    let memory = desk.read("A").dropped();
    if desk.ring.submitted() > 0 {
        run.departs("A read was dropped before its first poll, and it was submitted.");
    }
    let mut one = desk.read("B");
    one.cancel();
    let text = one.text();
    if desk.ring.submitted() > 0 {
        run.diagnose(
            "submitted-after-cancel",
            "A read was cancelled before its first poll, and the poll submitted it.",
        );
    }
    if text != Some(Err(())) {
        run.departs(format!(
            "The read was cancelled before its first poll, and came to {text:?}."
        ));
    }
    if memory.is_alive() {
        run.departs("A read was dropped before its first poll, and its buffer is still in use.");
    }
}

#[test]
fn a_read_that_has_completed_can_be_dropped_unseen() {
    let run = run!();
    let desk = Desk::new(&run);
    let mut one = desk.read("A");
    let _ = one.poll();
    desk.writes(1, "tea");
    let memory = one.dropped();
    if memory.is_alive() {
        run.diagnose(
            "abandoned-buffer-kept",
            "The read had completed, and its future was dropped. The buffer is still in use.",
        );
    }
    desk.reads.complete(99, Ok(1));
    desk.expect_in_flight(0);
}

#[test]
fn the_kernel_is_not_asked_to_give_up_a_read_that_has_completed() {
    for is_dropped in [false, true] {
        let run = run!();
        let desk = Desk::new(&run);
        let mut one = desk.read("A");
        let _ = one.poll();
        desk.writes(1, "tea");
        if is_dropped {
            one.dropped();
        } else {
            one.cancel();
            one.cancel();
        }
        if desk.ring.asked_too_late() {
            run.diagnose(
                "asked-after-the-completion",
                "The ring had reported the completion of the read. After that the kernel was asked to give up a read of this name, which is \
                 not in flight.",
            );
        }
    }
}
