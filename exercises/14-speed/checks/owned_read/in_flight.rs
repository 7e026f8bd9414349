//! Many reads, errors of the kernel, wakers that drop a read, and every short run.

use std::io::ErrorKind;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::super::subject::Reads;
use super::desk::Desk;
use super::kernel::Simulated;
use super::machine::{Reference, Step, Yours};
use probe::runs::Search;
use probe::{Recorder, run};
use probe_futures::poller;
use speed::buffer::Buffer;

#[test]
fn many_reads_come_and_go_while_one_is_in_flight() {
    // As many as a name of 8 bits and one of 16 can tell apart, and more.
    const MANY: usize = 65_540;
    let run = run!();
    let ring = Simulated::new(None);
    let reads = Reads::new(ring.clone());
    let mut context = Context::from_waker(Waker::noop());
    let mut old = Box::pin(reads.read(3, Buffer::new(8)));
    let mut is_ready = old.as_mut().poll(&mut context).is_ready();
    for number in 2..=MANY {
        let mut read = std::pin::pin!(reads.read(3, Buffer::new(1)));
        is_ready |= read.as_mut().poll(&mut context).is_ready();
        if let Some((name, result)) = ring.writes(number, b"x") {
            reads.complete(name, result);
        }
        let polled = read.as_mut().poll(&mut context);
        if let Some(fault) = ring.fault() {
            run.recorder().says(
                "kernel",
                format!("read 1 is in flight, and read {number} is submitted"),
            );
            run.diagnose("name-of-another-read", fault);
        }
        if is_ready || !matches!(polled, Poll::Ready((Ok(1), _))) {
            run.departs(format!("Read 1 was in flight all the time. Read {number} had completed with one byte, and did not return it."));
        }
    }
    if let Some((name, result)) = ring.writes(1, b"tea") {
        reads.complete(name, result);
    }
    if !matches!(old.as_mut().poll(&mut context), Poll::Ready((Ok(3), _))) {
        run.departs("Read 1 was in flight while others came and went. It completed with three bytes, and did not return them.");
    }
}

#[test]
fn an_error_of_the_kernel_is_what_the_read_comes_to() {
    for is_cancelled in [false, true] {
        let run = run!();
        let desk = Desk::new(&run);
        let mut one = desk.read("A");
        let _ = one.poll();
        if is_cancelled {
            one.cancel();
        }
        let name = desk.fails(1);
        match one.poll() {
            Poll::Ready((Err(error), _)) if error.kind() == ErrorKind::ConnectionReset => {}
            Poll::Ready((Err(error), _)) if error.kind() == cancelled_by_the_kernel() => run.diagnose(
                "every-error-is-cancelled",
                "The connection was reset, and the ring reported it. The read returned that it was cancelled.",
            ),
            Poll::Ready((Err(error), _)) => run.departs(format!(
                "The connection was reset, and the ring reported it. The read returned another error: {error}."
            )),
            _ => run.departs("The ring reported that the read has failed, and it did not return the error."),
        }
        desk.reads.complete(name, Ok(1));
        desk.expect_in_flight(0);
    }
}

fn cancelled_by_the_kernel() -> ErrorKind {
    speed::ring::cancelled().kind()
}

#[test]
fn a_completion_of_a_read_that_is_not_in_flight_changes_nothing() {
    let run = run!();
    let desk = Desk::new(&run);
    let mut one = desk.read("A");
    let _ = one.poll();
    let name = desk.writes(1, "tea");
    run.recorder()
        .says("kernel", "reports read 1 once more, with 1 byte");
    desk.reads.complete(name, Ok(1));
    desk.expect_in_flight(0);
    match one.text() {
        Some(Ok(text)) if text == "tea" => {}
        Some(Ok(text)) if text == "t" => run.diagnose(
            "outcome-overwritten",
            "Read 1 had completed with 3 bytes, so its name was not in flight. A second completion under that name replaced the first.",
        ),
        other => run.departs(format!(
            "The kernel wrote \"tea\", and the read came to {other:?}."
        )),
    }
}

#[test]
fn a_read_that_was_ready_panics_when_it_is_polled_again() {
    let run = run!();
    let desk = Desk::new(&run);
    let mut one = desk.read("A");
    let _ = one.poll();
    desk.writes(1, "tea");
    let _ = one.poll();
    match probe::panics::expected(|| one.poll().is_ready()) {
        Err(_) => {}
        Ok(false) => run.diagnose(
            "pending-after-ready",
            "The read had returned its bytes and its buffer. Polled again it was pending, and nothing will wake its task.",
        ),
        Ok(true) => run.departs(
            "The read had returned its bytes and its buffer. Polled again it was ready a second time.",
        ),
    }
}

#[test]
fn a_waker_may_drop_another_read() {
    let run = run!();
    let ring = Simulated::new(Some(&run));
    let reads = Rc::new(Reads::new(ring.clone()));
    let mut other = Box::pin(reads.read(3, Buffer::new(8)));
    let _ = poller(run.recorder(), "other").poll(other.as_mut());
    let mut one = Box::pin(reads.read(3, Buffer::new(8)));
    let task = poller(&Recorder::default(), "one");
    assert!(task.poll(one.as_mut()).is_pending());
    task.on_wake_local(|| drop(other));
    let (name, result) = ring.writes(2, b"tea").expect("it is in flight");
    let completed = probe::panics::expected(|| reads.complete(name, result));
    if completed.is_err() {
        run.diagnose(
            "woken-under-borrow",
            "A completion woke a task, and the waker dropped another read. `complete` panicked.",
        );
    }
    if !ring.is_cancelled(1) {
        run.departs(
            "The waker dropped the other read, and the kernel was not asked to give it up.",
        );
    }
    if !matches!(
        one.as_mut().poll(&mut Context::from_waker(Waker::noop())),
        Poll::Ready((Ok(3), _))
    ) {
        run.departs("The read had completed, and is not ready.");
    }
}

#[test]
fn in_every_short_run_buffers_and_bytes_are_where_they_belong() {
    use Step::{Cancel, Drop, Fails, GivesUp, Poll, Writes};
    let one = [
        Poll(0, 0),
        Poll(0, 1),
        Cancel(0),
        Drop(0),
        Writes(1),
        GivesUp(1),
        Fails(1),
    ];
    Search::of(&one)
        .up_to(5)
        .compare(&run!(), Yours::new, Reference::new);
    let two = [
        Poll(0, 0),
        Poll(1, 0),
        Drop(0),
        Cancel(1),
        Writes(1),
        Writes(2),
        GivesUp(1),
        GivesUp(2),
        Drop(1),
    ];
    Search::of(&two)
        .up_to(4)
        .and_random(300, 12, 14)
        .compare(&run!(), Yours::new, Reference::new);
}
