//! Work that uses the flights, and flights that end while others begin.

use std::cell::Cell;
use std::future::{pending, poll_fn, ready};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use super::super::subject::SingleFlight;
use probe::{panics, run};
use probe_futures::poller;

#[test]
fn other_code_may_use_the_flights_while_the_work_is_made_polled_or_dropped() {
    let run = run!();
    let flights: SingleFlight<&str, usize> = SingleFlight::new();
    let outcome = panics::expected(|| {
        let inner = flights.clone();
        let mut call = pin!(flights.run("outer", || {
            let (made, polled) = (inner.clone(), inner.clone());
            let _other = made.run("inner", || ready(1));
            let held = UsesFlights(inner);
            poll_fn(move |_| {
                let _held = &held;
                Poll::Ready(polled.in_flight())
            })
        }));
        poller(run.recorder(), "A").poll(call.as_mut())
    });
    match outcome {
        Ok(Poll::Ready(0)) => {
            run.departs("The work of a flight is polled, and `in_flight` returns 0.")
        }
        Ok(Poll::Ready(_)) => {}
        Ok(Poll::Pending) => run.departs("The work is ready in its first poll, and the call is pending."),
        Err(panic) => run.diagnose(
            "borrowed-while-calling",
            format!("The work used the flights, while it was made, polled or dropped, and your code panicked: {}.", panic.message),
        ),
    }
}

struct UsesFlights(SingleFlight<&'static str, usize>);

impl Drop for UsesFlights {
    fn drop(&mut self) {
        let _ = self.0.in_flight();
    }
}

#[test]
fn other_code_may_use_the_flights_while_the_last_call_drops_the_work() {
    let run = run!();
    let flights: SingleFlight<&str, usize> = SingleFlight::new();
    let held = UsesFlights(flights.clone());
    let call = flights.run("localhost", || {
        poll_fn(move |_| {
            let _held = &held;
            Poll::Pending
        })
    });
    run.recorder()
        .says("A", "drops its call, the last one of the flight");
    if let Err(panic) = panics::expected(|| drop(call)) {
        run.diagnose(
            "borrowed-while-calling",
            format!(
                "The last call was dropped, and with it the work, whose destructor called `in_flight`. Your code panicked: {}.",
                panic.message
            ),
        );
    }
}

#[test]
fn a_flight_that_ends_although_its_work_has_woken_no_task_wakes_the_other_callers() {
    for (how, panics) in [("was ready", false), ("panicked", true)] {
        let run = run!();
        let flights: SingleFlight<&str, u32> = SingleFlight::new();
        let ends = Rc::new(Cell::new(false));
        let end = Rc::clone(&ends);
        let mut first = flights.run("localhost", || {
            poll_fn(move |_| match (end.get(), panics) {
                (false, _) => Poll::Pending,
                (true, false) => Poll::Ready(127),
                (true, true) => panic!("the work fails"),
            })
        });
        let mut second = flights.run("localhost", pending);
        let (a, b) = (poller(run.recorder(), "A"), poller(run.recorder(), "B"));
        let _ = (a.poll(Pin::new(&mut first)), b.poll(Pin::new(&mut second)));
        ends.set(true);
        run.recorder()
            .says("work", "has come to its end, and calls no waker");
        let _ = panics::expected(|| a.poll(Pin::new(&mut first)));
        run.recorder()
            .says("A", format!("polls its call, and the work {how}"));
        let stays = flights.in_flight();
        if panics && stays > 0 {
            run.diagnose(
                "panicked-flight-stays",
                format!("The work panicked in the poll of A, and `in_flight` returned {stays}. The flight has not ended."),
            );
        }
        if b.wakes() == 0 {
            run.recorder().lacks("B", "is not woken");
            run.diagnose(
                "woke-only-one",
                format!(
                    "A and B waited for one flight. A was polled without a reason, and in that poll the work {how}. B was not woken, and no other poll \
                     of the work will come."
                ),
            );
        }
    }
}

#[test]
fn an_ended_flight_does_not_free_the_key_of_a_newer_one() {
    let run = run!();
    let flights: SingleFlight<&str, u32> = SingleFlight::new();
    let mut first = Box::pin(flights.run("localhost", || ready(1)));
    let older = flights.run("localhost", || ready(0));
    let _ = poller(run.recorder(), "A").poll(first.as_mut());
    let newer = flights.run("localhost", pending);
    drop(older);
    drop(first);
    let made = Rc::new(Cell::new(false));
    let again = Rc::clone(&made);
    let _joined = flights.run("localhost", move || {
        again.set(true);
        pending()
    });
    if made.get() {
        run.diagnose(
            "newer-flight-forgotten",
            "The first flight ended, and a second one of the same key is in progress. The last call of the first was dropped, and the next `run` \
             made the work a third time.",
        );
    }
    drop(newer);
}
