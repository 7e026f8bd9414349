//! 9.5 single-flight: the same work, wanted by several callers, is done once.

use std::cell::{Cell, RefCell};
use std::future::{poll_fn, ready};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use super::subject::{self, SingleFlight};
use probe::runs::Search;
use probe::{Recorder, leaks, run, snapshot};
use probe_futures::poller;

#[path = "single_flight/machines.rs"]
mod machines;

use machines::{ALPHABET, KNOWN, Reference, Yours};

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
    match probe::panics::expected(|| stays.poll(second.as_mut())) {
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

#[test]
fn the_task_that_polled_a_call_last_is_woken() {
    let run = run!();
    let flights: SingleFlight<&str, u32> = SingleFlight::new();
    let waker = Rc::new(RefCell::new(None::<std::task::Waker>));
    let kept = Rc::clone(&waker);
    let mut call = pin!(flights.run("localhost", || poll_fn(move |context| {
        kept.replace(Some(context.waker().clone()));
        Poll::Pending
    })));
    let (older, newer) = (
        poller(run.recorder(), "older"),
        poller(run.recorder(), "newer"),
    );
    let _ = older.poll(call.as_mut());
    let _ = newer.poll(call.as_mut());
    waker
        .take()
        .expect("a poll of the call polls the work")
        .wake();
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
    let mut call = flights.run("localhost", std::future::pending);
    let task = poller(&probe::Recorder::default(), "A");
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
    let waker = Rc::new(RefCell::new(None::<std::task::Waker>));
    let kept = Rc::clone(&waker);
    let mut first = Box::pin(flights.run("localhost", || {
        poll_fn(move |context| {
            kept.replace(Some(context.waker().clone()));
            Poll::Pending
        })
    }));
    let task = poller(run.recorder(), "A");
    let _ = task.poll(first.as_mut());
    // The call is polled inside of the waker, on this thread.
    CALL.set(Some(first));
    let inner = poller(run.recorder(), "A, at once");
    task.on_wake(move || {
        let mut first = CALL.take().expect("it is woken once");
        let _ = inner.poll(first.as_mut());
    });
    let waker = waker.take().expect("a poll of the call polls the work");
    run.risk(
        Some("wake-under-lock"),
        "The work woke its caller, and the caller polled inside of the waker. The poll does not return: your code holds a lock while it calls \
         the waker.",
        || waker.wake(),
    );
}

type Boxed = Pin<Box<subject::Call<&'static str, u32>>>;

thread_local! {
    static CALL: RefCell<Option<Boxed>> = const { RefCell::new(None) };
}

#[test]
fn other_code_may_use_the_flights_while_the_work_is_made_polled_or_dropped() {
    let run = run!();
    let flights: SingleFlight<&str, usize> = SingleFlight::new();
    let outcome = probe::panics::expected(|| {
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
    if let Err(panic) = probe::panics::expected(|| drop(call)) {
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
        let mut second = flights.run("localhost", std::future::pending);
        let (a, b) = (poller(run.recorder(), "A"), poller(run.recorder(), "B"));
        let _ = (a.poll(Pin::new(&mut first)), b.poll(Pin::new(&mut second)));
        ends.set(true);
        run.recorder()
            .says("work", "has come to its end, and calls no waker");
        let _ = probe::panics::expected(|| a.poll(Pin::new(&mut first)));
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
    let newer = flights.run("localhost", std::future::pending);
    drop(older);
    drop(first);
    let made = Rc::new(Cell::new(false));
    let again = Rc::clone(&made);
    let _joined = flights.run("localhost", move || {
        again.set(true);
        std::future::pending()
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
    let waker = Rc::new(RefCell::new(None::<std::task::Waker>));
    let kept = Rc::clone(&waker);
    let mut calls = vec![flights.run("localhost", || {
        poll_fn(move |context| {
            kept.replace(Some(context.waker().clone()));
            Poll::Pending
        })
    })];
    calls.extend((1..300).map(|_| flights.run("localhost", std::future::pending)));
    let tasks: Vec<_> = calls
        .iter_mut()
        .map(|call| {
            let task = poller(run.recorder(), "a caller");
            let _ = task.poll(Pin::new(call));
            task
        })
        .collect();
    let waker = waker.take();
    waker.expect("a poll of the call polls the work").wake();
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
    if let Ok(polled) = probe::panics::expected(|| task.poll(Pin::new(&mut call))) {
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
    let mut stays = flights.run("localhost", std::future::pending);
    let _pending = Pin::new(&mut stays).poll(&mut context);
    let did = "callers joined a flight that goes on, were polled, and dropped their calls";
    leaks::nothing_is_kept(&run, "flight", did, || {
        let mut call = flights.run("localhost", std::future::pending);
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
