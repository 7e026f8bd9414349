//! 9.5 single-flight: the same work, wanted by several callers, is done once.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use super::subject::SingleFlight;
use probe::{Recorder, panics, run, snapshot};
use probe_futures::poller;

#[path = "single_flight/machines.rs"]
mod machines;
#[path = "single_flight/moves.rs"]
mod moves;

// The tests below come first, and then those of these modules, in this order.
#[path = "single_flight/wakes.rs"]
mod wakes;

#[path = "single_flight/calls_inside.rs"]
mod calls_inside;

#[path = "single_flight/many.rs"]
mod many;

/// Work that is ready when the cell has a value.
fn when(
    output: &Rc<Cell<Option<Result<u32, &'static str>>>>,
) -> impl Future<Output = Result<u32, &'static str>> + use<> {
    let output = Rc::clone(output);
    poll_fn(move |_| output.get().map_or(Poll::Pending, Poll::Ready))
}

#[test]
fn two_callers_of_one_key_share_the_work() {
    let run = run!("shared");
    let recorder = run.recorder();
    let flights = SingleFlight::new();
    let made = Rc::new(Cell::new(0));
    let output = Rc::default();
    let mut calls = ["A", "B"].map(|name| {
        let made = Rc::clone(&made);
        let work = when(&output);
        let before = made.get();
        let call = flights.run("localhost", || {
            made.set(made.get() + 1);
            work
        });
        let how = if made.get() > before {
            "makes the work"
        } else {
            "joins"
        };
        recorder.says(name, how);
        call
    });
    if made.get() == 2 {
        run.diagnose(
            "work-done-twice",
            "A called `run`, and its work is in progress. B called `run` with the same key, and the work was made again.",
        );
    }
    output.set(Some(Ok(127)));
    for (name, call) in ["A", "B"].into_iter().zip(&mut calls) {
        // Not recorded: whether the poll that ends the flight wakes its own task as well is no matter.
        let polled = poller(&Recorder::default(), name).poll(Pin::new(call));
        if polled != Poll::Ready(Ok(127)) {
            run.departs(format!(
                "The work has its output, 127, and the poll of {name} returned {polled:?}."
            ));
        }
        recorder.says(name, "gets 127");
    }
    snapshot!(run);
}

#[test]
fn an_error_is_not_kept() {
    let run = run!("an_error");
    let recorder = run.recorder();
    let flights = SingleFlight::new();
    let output = Rc::new(Cell::new(Some(Err("no such host"))));
    let mut calls = Vec::new();
    for (name, expected) in [("A", Err("no such host")), ("B", Ok(127))] {
        let work = when(&output);
        // A call that has ended is still there, and keeps its flight from nothing.
        calls.push(Box::pin(flights.run("localhost", || work)));
        let call = calls.last_mut().expect("it was pushed");
        let polled = poller(&Recorder::default(), name).poll(call.as_mut());
        recorder.says(name, format!("gets {polled:?}"));
        if polled != Poll::Ready(expected) {
            run.diagnose(
                "flight-kept",
                "The first flight ended with an error. The next `run` of the key, after it, received this error instead of making new work.",
            );
        }
        output.set(Some(Ok(127)));
    }
    snapshot!(run);
}

#[test]
fn the_work_goes_on_when_the_first_caller_leaves() {
    let run = run!("first_leaves");
    let recorder = run.recorder();
    let flights = SingleFlight::new();
    let output = Rc::default();
    let work = when(&output);
    let mut first = Box::pin(flights.run("localhost", || work));
    let again = when(&output);
    let mut second = pin!(flights.run("localhost", || again));
    let [leaver, stays] = ["A", "B"].map(|name| poller(&Recorder::default(), name));
    let _ = leaver.poll(first.as_mut());
    let _ = stays.poll(second.as_mut());
    drop(first);
    recorder.says("A", "drops its call");
    let before = leaver.wakes();
    output.set(Some(Ok(127)));
    match panics::expected(|| stays.poll(second.as_mut())) {
        Ok(Poll::Ready(Ok(127))) => {}
        _ => run.diagnose(
            "leader-takes-the-flight-along",
            "A made the work, and B joined. A dropped its call, and B does not get the output, although the work has it.",
        ),
    }
    if leaver.wakes() > before {
        recorder.says("A", "is woken");
        run.diagnose(
            "waker-kept",
            "A dropped its call. Later the work had its output, and A's task was woken: the flight still had its waker.",
        );
    }
    snapshot!(run);
}
