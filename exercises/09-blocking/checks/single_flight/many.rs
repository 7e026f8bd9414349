//! Many callers, polls after the end, memory, and every short run.

use std::cell::RefCell;
use std::future::{pending, poll_fn, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::super::subject::SingleFlight;
use super::machines::{Reference, Yours};
use super::moves::{ALPHABET, KNOWN};
use probe::runs::Search;
use probe::{leaks, panics, run};
use probe_futures::{LatestWaker, poller};

#[test]
fn a_thousand_callers_get_the_output() {
    let run = run!();
    let flights = SingleFlight::new();
    let clones = Rc::new(RefCell::new(0));
    let mut calls: Vec<_> = (0..1_000)
        .map(|_| flights.run(7_u64, || ready(Counted(Rc::clone(&clones)))))
        .collect();
    let others: Vec<_> = (0..1_000_u64)
        .map(|key| flights.run(1_000 + key, || ready(Counted(Rc::clone(&clones)))))
        .collect();
    for call in &mut calls {
        if poller(run.recorder(), "a caller")
            .poll(Pin::new(call))
            .is_pending()
        {
            run.departs("The work of 1,000 callers is ready, and one of them is pending.");
        }
    }
    drop((calls, others));
    if flights.in_flight() > 0 {
        run.diagnose(
            "work-outlives-its-callers",
            format!(
                "Every call was dropped, and {} keys are still in flight.",
                flights.in_flight()
            ),
        );
    }
}

/// An output that is cloned for each caller.
struct Counted(Rc<RefCell<u32>>);

impl Clone for Counted {
    fn clone(&self) -> Counted {
        *self.0.borrow_mut() += 1;
        Counted(Rc::clone(&self.0))
    }
}

#[test]
fn every_one_of_three_hundred_callers_is_woken() {
    let run = run!();
    let flights: SingleFlight<&str, u32> = SingleFlight::new();
    let latest = LatestWaker::default();
    let mut calls = vec![flights.run("localhost", || latest.of(pending()))];
    calls.extend((1..300).map(|_| flights.run("localhost", pending)));
    let tasks: Vec<_> = calls
        .iter_mut()
        .map(|call| {
            let task = poller(run.recorder(), "a caller");
            let _ = task.poll(Pin::new(call));
            task
        })
        .collect();
    assert!(latest.wake(), "a poll of the call polls the work");
    let asleep = tasks.iter().filter(|task| task.wakes() == 0).count();
    if asleep > 0 {
        run.diagnose(
            "woke-only-one",
            format!("Three hundred calls of one flight were pending. The work woke its callers, and {asleep} of them were not woken."),
        );
    }
}

#[test]
fn a_call_that_was_ready_panics_when_it_is_polled_again() {
    let run = run!();
    let flights = SingleFlight::new();
    let mut call = flights.run("localhost", || ready(127));
    let _other = flights.run("localhost", || ready(0));
    let task = poller(run.recorder(), "A");
    let _ = task.poll(Pin::new(&mut call));
    if let Ok(polled) = panics::expected(|| task.poll(Pin::new(&mut call))) {
        run.departs(format!(
            "A's call was ready with 127. A polled it again, and that poll returned {polled:?} instead of panicking."
        ));
    }
}

#[test]
fn work_that_wakes_inside_of_its_poll_wakes_the_caller() {
    let run = run!();
    let flights: SingleFlight<&str, u32> = SingleFlight::new();
    let mut call = flights.run("localhost", || {
        poll_fn(|context| {
            context.waker().wake_by_ref();
            Poll::Pending
        })
    });
    let task = poller(run.recorder(), "A");
    let _ = task.poll(Pin::new(&mut call));
    if task.wakes() == 0 {
        run.departs("The work called its waker inside of its first poll, and the task that polled the call was not woken.");
    }
}

#[test]
fn callers_that_come_and_go_leave_no_memory_in_use() {
    let run = run!();
    let flights: SingleFlight<&str, u32> = SingleFlight::new();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut stays = flights.run("localhost", pending);
    let _pending = Pin::new(&mut stays).poll(&mut context);
    let did = "callers joined a flight that goes on, were polled, and dropped their calls";
    leaks::nothing_is_kept(&run, "flight", did, || {
        let mut call = flights.run("localhost", pending);
        let _pending = Pin::new(&mut call).poll(&mut context);
    });
}

#[test]
fn every_short_run_is_as_expected() {
    Search::of(&ALPHABET)
        .up_to(5)
        .and_random(300, 12, 0x5f11)
        .naming(&KNOWN)
        .compare(&run!(), Yours::new, Reference::new);
}
