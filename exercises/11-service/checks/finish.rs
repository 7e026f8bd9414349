//! finish: a service that stops takes no more work, and ends the work that it has.

#[path = "finish/at_wake.rs"]
mod at_wake;
#[path = "finish/events.rs"]
mod events;
#[path = "finish/machine.rs"]
mod machine;
#[path = "finish/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "finish/deadline.rs"]
mod deadline;

#[path = "finish/numbers.rs"]
mod numbers;

use std::future::ready;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::subject::Drain;
use probe::runs::Step;
use probe::{run, snapshot};
use probe_futures::runs::Tasks;
use probe_loop::HandClock;
use world::{SECOND, World};

#[test]
fn work_that_is_admitted_is_ready_with_its_output() {
    let world = World::new(run!());
    let drain = Drain::new();
    if !world.admits(&drain, "a", 2) {
        world
            .run
            .departs("The service was not finishing, and the work was refused.");
    }
    world.expect_numbers(drain.numbers(), [1, 0, 0, 0, 0]);
    world.pass(3);
    if !world.said("a", "ready: Ok(2)") {
        world
            .run
            .departs("The work returned 2. Expected of the admitted work: ready(Ok(2)).");
    }
    world.expect_numbers(drain.numbers(), [1, 1, 0, 0, 0]);
}

#[test]
fn a_service_that_finishes_takes_no_more_work() {
    let world = World::new(run!());
    let drain = Drain::new();
    world.says("service", "finish(5 s)");
    let finish = drain.finish(&world.handle, 5 * SECOND);
    if world.admits(&drain, "late", 1) {
        world.run.diagnose(
            "admitted-while-finishing",
            "`finish` was called, and then work was admitted. With a client that sends one request after the other, the service would not end before its deadline.",
        );
    }
    drop(finish);
    world.expect_numbers(drain.numbers(), [0, 0, 0, 0, 1]);
    let mut refused = match drain.admit(ready(7)) {
        Err(refused) => refused.0,
        Ok(_) => world.run.diagnose(
            "admitted-while-finishing",
            "The finish was dropped, and after that work was admitted. A service that has begun to finish takes no more work.",
        ),
    };
    if Pin::new(&mut refused).poll(&mut Context::from_waker(Waker::noop())) != Poll::Ready(7) {
        world
            .run
            .departs("Work that is refused comes back as it was.");
    }
}

#[test]
fn the_end_of_the_last_work_wakes_the_task_that_polls_the_finish() {
    let run = run!();
    let (drain, clock, mut tasks) = (Drain::new(), HandClock::default(), Tasks::new());
    let mut work = drain.admit(ready(7)).ok();
    let mut finish = drain.finish(&clock, SECOND);
    let polled = tasks.poll(0, Pin::new(&mut finish));
    run.recorder()
        .says("A", format!("polls the finish → {polled:?}"));
    let polled =
        (work.as_mut()).map(|work| Pin::new(work).poll(&mut Context::from_waker(Waker::noop())));
    run.recorder()
        .says("task", format!("polls the work → {polled:?}"));
    if tasks.tell(Step::of("")).about("A") != Some("is woken") {
        run.recorder().lacks("A", "is not woken");
        run.diagnose(
            "forgot-to-wake",
            "The last work has ended, and the task that polls the finish was not woken.",
        );
    }
}

#[test]
fn work_in_flight_is_finished() {
    let world = World::new(run!("finishes"));
    let drain = Drain::new();
    world.admits(&drain, "a", 1);
    world.pass(2);
    world.admits(&drain, "b", 3);
    let numbers = world.finishes(&drain, 5);
    if !world.said("b", "finishes") {
        if world.said("b", "is dropped") {
            world.run.diagnose(
                "dropped-in-flight",
                "b was in flight, and the service had 5 seconds. b needed three of them, and was dropped.",
            );
        }
        world.run.recorder().lacks("b", "has not finished");
        world.run.diagnose(
            "finish-before-the-work",
            "b was in flight, and the finish was ready before b had finished.",
        );
    }
    world.refuse_waiting(5);
    world.expect_numbers(numbers, [2, 2, 0, 0, 0]);
    snapshot!(world.run);
}

#[test]
fn without_work_in_flight_the_finish_is_ready_at_once() {
    let world = World::new(run!());
    let drain = Drain::new();
    world.admits(&drain, "a", 1);
    world.pass(2);
    let numbers = world.finishes(&drain, 5);
    world.refuse_waiting(2);
    world.expect_numbers(numbers, [1, 1, 0, 0, 0]);
}
