//! Time-outs and deadlines: the value, the limit, and what is left of both.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, ready};
use std::rc::Rc;
use std::time::Duration;

use composition::{Deadline, Elapsed, Requests, Stopped, timeout, timeout_at, wait_for};
use event_loop::{Handle, Time, yield_now};
use probe::Run;
use probe::detect::DropCounter;
use probe_futures::laws::dropping::at_every_pause;
use probe_futures::{Key, Sim, gate, poller};
use probe_loop::{Clock, SimLoop};

const SECOND: Duration = Duration::from_secs(1);

fn at(seconds: u64) -> Time {
    Time::START + Duration::from_secs(seconds)
}

/// Runs this on a loop whose clock jumps, and looks that no timer and no task is left.
fn on_a_loop<F: Future + 'static>(body: impl FnOnce(Handle) -> F) -> F::Output {
    let sim = SimLoop::new(&probe::run!());
    let task = sim.spawn("main", body(sim.handle()));
    let output = match sim.drive(task) {
        Ok(output) => output,
        Err(stuck) => panic!("{stuck}"),
    };
    let event_loop = sim.event_loop();
    assert_eq!((event_loop.tasks(), event_loop.timers()), (0, 0));
    output
}

#[test]
fn a_value_before_the_deadline_is_the_result() {
    let result = on_a_loop(|handle| async move {
        let work = handle.sleep(SECOND);
        timeout(&handle, 2 * SECOND, work).await
    });
    assert_eq!(result, Ok(()));
}

#[test]
fn a_deadline_that_passes_is_reported_as_that_deadline() {
    let (result, now) = on_a_loop(|handle| async move {
        let deadline = Deadline::at(at(3)).of("request");
        let result = timeout_at(&handle, deadline, pending::<()>()).await;
        (result, handle.now())
    });
    let elapsed = result.unwrap_err();
    assert_eq!(elapsed.deadline(), Deadline::at(at(3)).of("request"));
    assert_eq!(now, at(3));
    assert_eq!(
        elapsed.to_string(),
        "the deadline of the request at 3s has passed"
    );
}

#[test]
fn a_value_at_the_deadline_wins() {
    let result = on_a_loop(|handle| async move {
        // The work is polled first, so its timer is the older of two at one instant.
        let work = handle.sleep(SECOND);
        timeout(&handle, SECOND, work).await
    });
    assert_eq!(result, Ok(()));
    let run = probe::run!();
    let (clock, key, value) = world(&run);
    let mut limited = Box::pin(timeout(&clock.0, SECOND, value));
    let a = poller(run.recorder(), "A");
    assert!(a.poll(limited.as_mut()).is_pending());
    clock.1.advance_to(SECOND);
    key.open(7);
    assert_eq!(a.poll(limited.as_mut()), std::task::Poll::Ready(Ok(7)));
}

fn world(run: &Run) -> ((Clock, Sim), Key<u32>, probe_futures::Gate<u32>) {
    let sim = Sim::new(run);
    let (key, value) = gate();
    ((Clock::new(run, &sim), sim), key, value)
}

#[test]
fn a_future_is_polled_even_if_the_deadline_has_passed() {
    let results = on_a_loop(|handle| async move {
        handle.sleep(SECOND).await;
        [
            timeout(&handle, Duration::ZERO, ready(7)).await,
            timeout_at(&handle, Time::START, ready(8)).await,
        ]
    });
    assert_eq!(results, [Ok(7), Ok(8)]);
}

#[test]
fn a_zero_deadline_ends_a_future_that_is_not_ready_at_once() {
    let (result, now) = on_a_loop(|handle| async move {
        let result = timeout(&handle, Duration::ZERO, pending::<()>()).await;
        (result, handle.now())
    });
    assert_eq!(result, Err(Elapsed::new(Deadline::at(Time::START))));
    assert_eq!(now, Time::START);
}

#[test]
fn the_longest_duration_does_not_overflow() {
    let result = on_a_loop(|handle| async move {
        handle.sleep(SECOND).await;
        let work = handle.sleep(SECOND);
        timeout(&handle, Duration::MAX, work).await
    });
    assert_eq!(result, Ok(()));
}

#[test]
fn the_duration_counts_from_the_call() {
    let now = on_a_loop(|handle| async move {
        let limited = timeout(&handle, 2 * SECOND, pending::<()>());
        handle.sleep(SECOND).await;
        let _elapsed = limited.await;
        handle.now()
    });
    assert_eq!(now, at(2));
}

#[test]
fn the_future_is_dropped_before_the_result_is_returned() {
    let counter = DropCounter::new();
    let alive = on_a_loop(|handle| {
        let token = counter.token();
        let work = async move {
            let _token = token;
            pending::<()>().await;
        };
        let counter = counter.clone();
        async move {
            let mut limited = Box::pin(timeout(&handle, SECOND, work));
            let result = limited.as_mut().await;
            assert!(result.is_err());
            counter.alive()
        }
    });
    assert_eq!(alive, 0);
}

#[test]
fn each_of_two_nested_time_outs_reports_its_own_deadline() {
    let both = |outer, inner| {
        on_a_loop(move |handle| async move {
            let outer = Deadline::at(at(outer)).of("outer");
            let inner = Deadline::at(at(inner)).of("inner");
            let work = timeout_at(&handle, inner, pending::<()>());
            timeout_at(&handle, outer, work).await
        })
    };
    let owner = |elapsed: Elapsed| elapsed.deadline().owner();
    assert_eq!(both(1, 2).map_err(owner), Err(Some("outer")));
    let inner = both(2, 1).map(|inner| inner.map_err(owner));
    assert_eq!(inner, Ok(Err(Some("inner"))));
    // At the same instant: the inner result is the value of the outer future, and a value wins.
    let inner = both(1, 1).map(|inner| inner.map_err(owner));
    assert_eq!(inner, Ok(Err(Some("inner"))));
}

#[test]
fn a_deadline_is_shortened_and_never_extended() {
    let outer = Deadline::at(at(5)).of("outer");
    let sooner = Deadline::at(at(3)).of("inner");
    assert_eq!(outer.shortened(sooner), sooner);
    assert_eq!(sooner.shortened(outer), sooner);
    assert_eq!(outer.shortened(Deadline::at(at(5))), outer);
    assert_eq!(outer.shortened(Deadline::NEVER), outer);
    assert_eq!(Deadline::NEVER.shortened(outer), outer);
    assert_eq!(outer.left(at(4)), SECOND);
    assert_eq!(outer.left(at(9)), Duration::ZERO);
    assert_eq!(Deadline::NEVER.owner(), None);
}

#[test]
fn a_time_out_that_is_dropped_anywhere_leaves_nothing() {
    type World = (Clock, Sim, Key<u32>, Cell<u32>);
    let make = |run: &Run| {
        let ((clock, sim), key, value) = world(run);
        let limited = timeout(&clock, 3 * SECOND, value);
        (limited, (clock, sim, key, Cell::new(0)))
    };
    let between = |(_, sim, key, seconds): &World| {
        seconds.set(seconds.get() + 1);
        sim.advance_to(SECOND * seconds.get());
        if seconds.get() == 2 {
            key.open(7);
        }
    };
    at_every_pause(
        || probe::run!(),
        make,
        between,
        |_, (clock, _, key, _), polls| {
            assert_eq!(clock.alive(), 0, "a timer is left after {polls} polls");
            assert!(key.is_gone(), "the future is left after {polls} polls");
        },
    );
}

/// A task that waits with `wait_for`, on a clock that the test moves.
struct Waiting {
    run: Run,
    sim: Sim,
    clock: Clock,
    requests: Requests,
}

impl Waiting {
    fn new() -> Waiting {
        let run = probe::run!();
        let sim = Sim::new(&run);
        Waiting {
            clock: Clock::new(&run, &sim),
            requests: Requests::new(),
            sim,
            run,
        }
    }

    /// Polls once, lets all of this happen, and polls once more.
    fn after(&self, value: bool, request: bool, deadline: bool) -> String {
        let (key, gate) = gate();
        let mut waits = Box::pin(wait_for(&self.clock, SECOND, &self.requests, gate));
        let a = poller(self.run.recorder(), "A");
        assert!(a.poll(waits.as_mut()).is_pending());
        if deadline {
            self.sim.advance_to(self.sim.now() + SECOND);
        }
        if request {
            self.requests.push("shutdown");
        }
        if value {
            key.open(7);
        }
        let polled = a.poll(waits.as_mut());
        if polled.is_ready() {
            assert!(key.is_gone(), "the future is still there");
            assert_eq!(self.clock.alive(), 0, "the timer is still there");
        }
        drop(waits);
        assert_eq!(a.counts().alive, 0, "a waker is still there");
        match polled {
            std::task::Poll::Ready(Ok(value)) => value.to_string(),
            std::task::Poll::Ready(Err(Stopped::Elapsed(_))) => "elapsed".to_owned(),
            std::task::Poll::Ready(Err(stopped)) => stopped.to_string(),
            std::task::Poll::Pending => "pending".to_owned(),
        }
    }
}

#[test]
fn a_value_comes_before_a_request_and_a_request_before_the_deadline() {
    for (value, request, deadline, expected) in [
        (false, false, false, "pending"),
        (true, false, false, "7"),
        (true, true, false, "7"),
        (true, false, true, "7"),
        (true, true, true, "7"),
        (false, true, false, "cancelled: shutdown"),
        (false, true, true, "cancelled: shutdown"),
        (false, false, true, "elapsed"),
    ] {
        let waiting = Waiting::new();
        let outcome = waiting.after(value, request, deadline);
        assert_eq!(outcome, expected);
        let left = usize::from(request && expected == "7");
        assert_eq!(waiting.requests.waiting().len(), left, "{expected}");
    }
}

#[test]
fn a_request_that_one_wait_left_stops_the_next() {
    let waiting = Waiting::new();
    assert_eq!(waiting.after(true, true, false), "7");
    let stopped = on_a_loop(|handle| async move {
        wait_for(&handle, SECOND, &waiting.requests, pending::<()>()).await
    });
    assert_eq!(stopped.unwrap_err().to_string(), "cancelled: shutdown");
}

#[test]
fn a_request_wakes_the_task_that_waits() {
    let log: Rc<RefCell<Vec<String>>> = Rc::default();
    let lines = Rc::clone(&log);
    on_a_loop(|handle| async move {
        let requests = Requests::new();
        let theirs = requests.clone();
        let worker = handle.clone();
        let worker = handle.spawn(async move {
            let stopped = wait_for(&worker, 9 * SECOND, &theirs, pending::<()>()).await;
            let line = format!("{} at {}", stopped.unwrap_err(), worker.now());
            lines.borrow_mut().push(line);
        });
        yield_now().await;
        handle.sleep(SECOND).await;
        requests.push("shutdown");
        worker.await.unwrap();
    });
    assert_eq!(*log.borrow(), ["cancelled: shutdown at 1s"]);
}
