//! 7.6 wait-for: a value, a deadline and a request to stop.

use std::future::{pending, ready};
use std::task::Poll;
use std::time::Duration;

use super::subject::{Stopped, wait_for};
use composition::{Request, Requests};
use event_loop::{Handle, Time};
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use probe::detect::DropCounter;
use probe::runs::Search;
use probe::{Recorder, run, snapshot};
use probe_futures::{pending_times, poller};
use probe_loop::{HandClock, SimLoop};

#[path = "wait_for/events.rs"]
mod events;
#[path = "wait_for/machine.rs"]
mod machine;
#[path = "wait_for/world.rs"]
mod world;

use events::{ALPHABET, KNOWN};
use machine::{Reference, Yours};
use world::World;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_value_is_the_result() {
    let (world, gate) = World::new(run!());
    let mut waits = world.begin(gate);
    world.has_its_value();
    if world.poll(&mut waits) != Poll::Ready(Ok(7)) {
        world
            .run
            .departs("The future returned 7. Expected: ready(Ok(7)).");
    }
}

#[test]
fn a_request_ends_the_wait_and_is_taken() {
    let (world, gate) = World::new(run!());
    let mut waits = world.begin(gate);
    world.is_asked();
    if world.a.wakes() == 0 {
        world.run.diagnose(
            "never-registered",
            "The task was asked to stop, and was not woken: the wait for a request was not polled with its waker.",
        );
    }
    match world.poll(&mut waits) {
        Poll::Ready(Err(Stopped::Cancelled(Request("shutdown")))) => {}
        Poll::Pending if !world.is_left() => world.run.diagnose(
            "request-taken-too-early",
            "The wait has taken the request and is pending. If it is dropped now, the request is lost.",
        ),
        _ => world
            .run
            .departs("The task was asked to stop. Expected: ready(Err(cancelled: shutdown))."),
    }
    if world.is_left() {
        world
            .run
            .departs("The wait has returned the request, and the request is still waiting: it would be delivered twice.");
    }
}

#[test]
fn a_worker_that_is_asked_to_stop_stops() {
    let run = run!("worker");
    let sim = SimLoop::new(&run!());
    let (handle, requests) = (sim.handle(), Requests::new());
    let (sender, messages) = unbounded();
    let works = worker(
        run.recorder().clone(),
        handle.clone(),
        requests.clone(),
        messages,
    );
    let worker = handle.spawn(works);
    let recorder = run.recorder().clone();
    let main = sim.spawn("main", async move {
        for (message, asks) in [(1, false), (2, true)] {
            handle.sleep(SECOND).await;
            recorder.says("main", format!("sends {message}"));
            let _worker_has_stopped = sender.unbounded_send(message);
            if asks {
                recorder.says("main", "asks the worker to stop");
                requests.push("shutdown");
            }
        }
        handle.sleep(30 * SECOND).await;
        sender // So that the worker is not told in this way, too.
    });
    let _sender = match sim.drive(main) {
        Ok(sender) => sender,
        Err(stuck) => run.departs(format!("The loop is {stuck}.")),
    };
    let lines = run.recorder().recording().to_string();
    if !lines.contains("handles 2") {
        run.diagnose(
            "value-lost-to-a-request",
            "Message 2 was there when the worker was polled, and its wait returned the request to stop. The message is lost.",
        );
    }
    if !worker.is_finished() {
        run.recorder().lacks("worker", "does not stop");
        run.diagnose(
            "cancellation-swallowed",
            "The worker was asked to stop in the iteration in which message 2 came. 30 seconds later it still waits for messages, and no request is left.",
        );
    }
    snapshot!(run);
}

/// Handles messages until it is asked to stop.
async fn worker(
    recorder: Recorder,
    handle: Handle,
    requests: Requests,
    mut messages: UnboundedReceiver<u32>,
) {
    loop {
        match wait_for(&handle, 10 * SECOND, &requests, messages.next()).await {
            Ok(Some(message)) => recorder.says("worker", format!("handles {message}")),
            Ok(None) => return recorder.says("worker", "has no sender left"),
            Err(Stopped::Elapsed(_)) => recorder.says("worker", "has waited for 10s"),
            Err(Stopped::Cancelled(request)) => {
                return recorder.says("worker", format!("stops: {request}"));
            }
        }
    }
}

#[test]
fn a_value_that_comes_with_a_request_is_returned_and_the_request_is_left() {
    for value_first in [true, false] {
        let (world, gate) = World::new(run!());
        let mut waits = world.begin(gate);
        if value_first {
            world.has_its_value();
        }
        world.is_asked();
        if !value_first {
            world.has_its_value();
        }
        match world.poll(&mut waits) {
            Poll::Ready(Ok(7)) if world.is_left() => {}
            Poll::Ready(Ok(7)) => world.run.diagnose(
                "cancellation-swallowed",
                "The wait returned the value, and the request is gone. The caller does not know that it was asked to stop, and no later wait will find the request.",
            ),
            Poll::Ready(Err(Stopped::Cancelled(_))) => world.run.diagnose(
                "value-lost-to-a-request",
                "The value was there, and the wait returned the request. The value is lost.",
            ),
            _ => world
                .run
                .departs("The value and a request were there. Expected: ready(Ok(7)), and the request is left."),
        }
    }
}

#[test]
fn a_value_that_comes_in_a_later_poll_does_not_swallow_the_request() {
    let run = run!();
    let (clock, requests) = (HandClock::default(), Requests::new());
    requests.push("shutdown");
    run.recorder().says("caller", "asks it to stop");
    let a = poller(&Recorder::new(), "A");
    let mut waits = Box::pin(wait_for(&clock, SECOND, &requests, pending_times(1, 7)));
    let polled = a.poll(waits.as_mut());
    run.recorder().says("wait", format!("polled → {polled:?}"));
    if polled.is_ready() && !requests.waiting().is_empty() {
        return; // It polled the future twice, and returned its value before it took a request.
    }
    if polled != Poll::Ready(Err(Stopped::Cancelled(Request("shutdown")))) {
        run.diagnose(
            "cancellation-swallowed",
            "A request was there, and the future was pending at its first poll. The wait has taken the request, and it was not returned.",
        );
    }
}

#[test]
fn a_request_comes_before_the_deadline() {
    let (world, gate) = World::new(run!());
    let mut waits = world.begin(gate);
    world.deadline();
    world.is_asked();
    match world.poll(&mut waits) {
        Poll::Ready(Err(Stopped::Cancelled(_))) => {}
        Poll::Ready(Err(Stopped::Elapsed(_))) if world.is_left() => world.run.diagnose(
            "deadline-before-request",
            "The task was asked to stop, and its deadline has passed. The wait returned `Elapsed`: a caller that tries again goes on working.",
        ),
        Poll::Ready(Err(Stopped::Elapsed(_))) => world.run.diagnose(
            "cancellation-swallowed",
            "The wait returned `Elapsed`, and the request is gone. The caller tries again, and no later wait will find the request.",
        ),
        _ => world.run.departs(
            "A request is there and the deadline has passed. Expected: ready(Err(cancelled: shutdown)).",
        ),
    }
}

#[test]
fn a_value_at_the_deadline_is_returned() {
    let (world, gate) = World::new(run!());
    let mut waits = world.begin(gate);
    world.deadline();
    world.has_its_value();
    if world.poll(&mut waits) != Poll::Ready(Ok(7)) {
        world.run.diagnose(
            "value-lost-at-the-deadline",
            "The value was there in the poll in which the deadline had passed, and the wait did not return it.",
        );
    }
}

#[test]
fn a_time_out_of_zero_loses_no_value_and_no_request() {
    for like_a_loop in [false, true] {
        let run = run!();
        let clock = || match like_a_loop {
            true => HandClock::like_a_loop(Time::START),
            false => HandClock::default(),
        };
        let requests = Requests::new();
        let a = poller(&Recorder::new(), "A");
        let clock_of_value = clock();
        let mut waits = Box::pin(wait_for(
            &clock_of_value,
            Duration::ZERO,
            &requests,
            ready(7),
        ));
        let polled = a.poll(waits.as_mut());
        run.recorder().says(
            "wait",
            format!("of 0s, its future is ready: polled → {polled:?}"),
        );
        if polled != Poll::Ready(Ok(7)) {
            run.diagnose(
                "value-lost-at-the-deadline",
                "The time-out is zero, and the future is ready in its first poll. The wait did not return the value.",
            );
        }
        requests.push("shutdown");
        let clock_of_request = clock();
        let mut waits = Box::pin(wait_for(
            &clock_of_request,
            Duration::ZERO,
            &requests,
            pending::<()>(),
        ));
        let polled = a.poll(waits.as_mut());
        run.recorder().says(
            "wait",
            format!("of 0s, a request to stop is there: polled → {polled:?}"),
        );
        if let Poll::Ready(Err(Stopped::Elapsed(_))) = polled {
            run.diagnose(
                "deadline-before-request",
                "The time-out is zero, and a request to stop was there before the first poll. The wait returned `Elapsed`.",
            );
        }
    }
}

#[test]
fn a_dropped_wait_takes_no_request_and_leaves_nothing() {
    let run = run!();
    let (clock, requests, counter) = (HandClock::default(), Requests::new(), DropCounter::new());
    let token = counter.token();
    let a = poller(&Recorder::new(), "A");
    let mut waits = Box::pin(wait_for(&clock, SECOND, &requests, async move {
        let _token = token;
        std::future::pending::<()>().await;
    }));
    let _pending = a.poll(waits.as_mut());
    requests.push("shutdown");
    run.recorder().says("caller", "asks it to stop");
    drop(waits);
    run.recorder().says("caller", "drops the wait");
    if requests.waiting() != [Request("shutdown")] {
        run.departs("The wait was dropped before it was polled again, and the request is gone.");
    }
    let wakers = a.counts().alive;
    if clock.alive() + counter.alive() + wakers > 0 {
        run.departs(format!(
            "The wait was dropped. {} timers, {} futures and {wakers} wakers of it are left.",
            clock.alive(),
            counter.alive()
        ));
    }
}

#[test]
fn every_short_run_is_as_expected() {
    for (like_a_loop, length) in [(false, 4), (true, 3)] {
        Search::of(&ALPHABET)
            .up_to(length)
            .and_random(100, 9, 7)
            .naming(&KNOWN)
            .compare(
                &run!(),
                || Yours::new(like_a_loop),
                || Reference::new(like_a_loop),
            );
    }
}
