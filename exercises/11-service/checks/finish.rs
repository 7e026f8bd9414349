//! finish: a service that stops takes no more work, and ends the work that it has.

use std::future::{Pending, pending, ready};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::subject::{Admitted, Drain};
use probe::runs::{Search, Step, compare_two};
use probe::{panics, run, snapshot};
use probe_futures::poller;
use probe_futures::runs::Tasks;
use probe_loop::HandClock;

#[path = "finish/at_wake.rs"]
mod at_wake;
#[path = "finish/events.rs"]
mod events;
#[path = "finish/machine.rs"]
mod machine;
#[path = "finish/world.rs"]
mod world;

use events::{ALPHABET, KNOWN};
use machine::{Reference, Yours};
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

#[test]
fn at_the_deadline_the_work_that_is_left_is_cut() {
    let world = World::new(run!("cut"));
    let drain = Drain::new();
    world.admits(&drain, "a", 2);
    world.admits(&drain, "b", 40);
    world.pass(1);
    let numbers = world.finishes(&drain, 5);
    if world.said("b", "finishes") {
        world.run.diagnose(
            "never-forced",
            "The deadline was at 6 s, and the service waited for b until 40 s.",
        );
    }
    if !world.said("b", "is dropped") {
        world.run.recorder().lacks("b", "is still in flight");
        world.run.diagnose(
            "finish-before-the-work",
            "The deadline had passed, and the finish was ready before the work that is left was dropped.",
        );
    }
    world.expect_numbers(numbers, [2, 1, 1, 0, 0]);
    world.pass(1);
    if !world.said("b", "ready: Err(Cut)") {
        world
            .run
            .departs("b was cut. Expected of the admitted work: ready(Err(Cut)).");
    }
    snapshot!(world.run);
}

#[test]
fn the_deadline_counts_from_the_call() {
    let world = World::new(run!());
    let drain = Drain::new();
    world.admits(&drain, "a", 40);
    world.says("service", "finish(5 s)");
    let finish = drain.finish(&world.handle, 5 * SECOND);
    world.pass(3);
    world.says("service", "polls the finish for the first time");
    world.drive(finish);
    if world.seconds() != 5 {
        world.run.departs(format!(
            "`finish(5 s)` was called at 0 s and polled from 3 s on. The work was cut at {} s.",
            world.seconds()
        ));
    }
}

#[test]
fn an_output_at_the_deadline_is_returned() {
    let world = World::new(run!());
    let drain = Drain::new();
    let clock = HandClock::default();
    let Ok(mut admitted) = drain.admit(ready(7)) else {
        world
            .run
            .departs("The service was not finishing, and the work was refused.")
    };
    let mut finish = drain.finish(&clock, SECOND);
    clock.advance(SECOND);
    world.says("clock", "shows 1s, the deadline");
    let mut context = Context::from_waker(Waker::noop());
    let polled = Pin::new(&mut finish).poll(&mut context);
    world.says(
        "service",
        format!("polls the finish: ready: {}", polled.is_ready()),
    );
    let polled = Pin::new(&mut admitted).poll(&mut context);
    world.says("work", format!("polled → {polled:?}"));
    if polled != Poll::Ready(Ok(7)) {
        world.run.diagnose(
            "value-lost-to-the-cut",
            "The work was ready in the poll in which it found that the drain was cut, and its output was not returned.",
        );
    }
    world.expect_numbers(drain.numbers(), [1, 1, 0, 0, 0]);
}

#[test]
fn the_cut_wakes_the_task_that_polled_the_work_last() {
    let run = run!();
    let drain = Drain::new();
    let Ok(mut admitted) = drain.admit(pending::<()>()) else {
        run.departs("The service was not finishing, and the work was refused.")
    };
    let tasks = ["A", "B"].map(|name| poller(run.recorder(), name));
    for task in &tasks {
        run.recorder().says(task.name(), "polls its work → Pending");
        let _pending = task.poll(Pin::new(&mut admitted));
    }
    let before = tasks.each_ref().map(|task| task.wakes());
    run.recorder().says("service", "cut()");
    drain.cut();
    if tasks[1].wakes() > before[1] {
        return;
    }
    run.recorder().lacks("B", "is not woken");
    if tasks[0].wakes() > before[0] {
        run.diagnose(
            "first-waker-only",
            "Two tasks polled the work, A and then B. The drain was cut, and only A was woken: the waker of the latest poll counts.",
        );
    }
    run.diagnose(
        "forgot-to-wake",
        "The drain was cut, and the task that had polled the work last was not woken. It does not learn of the cut.",
    );
}

#[test]
fn the_work_is_dropped_before_it_is_counted() {
    for is_cut in [false, true] {
        let world = World::new(run!());
        let drain = Drain::new();
        if world.open_at_the_drop(&drain, is_cut) == Some(0) {
            world.run.diagnose(
                "finish-before-the-work",
                "The destructor of the last work ran when no work was in flight any more. A finish would be ready while it runs.",
            );
        }
    }
}

#[test]
fn a_finish_that_is_polled_inside_its_wake_has_all_numbers() {
    for is_dropped in [false, true] {
        let world = World::new(run!());
        let drain = Drain::new();
        let Ok(mut work) = drain.admit(ready(1)) else {
            world
                .run
                .departs("The service was not finishing, and the work was refused.")
        };
        let seen = at_wake::polls(drain.finish(&world.handle, 5 * SECOND));
        world.says(
            "task",
            if is_dropped {
                "drops the last work"
            } else {
                "polls the last work"
            },
        );
        if !is_dropped {
            let _ready = Pin::new(&mut work).poll(&mut Context::from_waker(Waker::noop()));
        }
        drop(work);
        if let Some(numbers) = seen().filter(|numbers| numbers.open() > 0) {
            world.says("finish", format!("is ready: {numbers}"));
            world.run.diagnose(
                "woke-too-soon",
                "The last work ended and woke the finish. The finish was polled inside of this wake, as a waker may do, and it was ready with numbers \
                 that count the work as open.",
            );
        }
    }
}

#[test]
fn work_that_is_dropped_or_panics_is_counted() {
    let world = World::new(run!());
    let drain = Drain::new();
    let Ok(dropped) = drain.admit(pending::<()>()) else {
        world
            .run
            .departs("The service was not finishing, and the work was refused.")
    };
    world.says("task", "drops its work");
    drop(dropped);
    world.expect_numbers(drain.numbers(), [1, 0, 0, 1, 0]);
    if let Ok(mut admitted) = drain.admit(async { panic!("the work panics") }) {
        world.says("task", "polls its work, which panics");
        let mut context = Context::from_waker(Waker::noop());
        let polled = panics::expected(|| Pin::new(&mut admitted).poll(&mut context));
        if polled.is_ok() {
            world
                .run
                .departs("The work panicked, and the poll of the admitted work did not.");
        }
        drop(admitted);
    }
    world.expect_numbers(drain.numbers(), [2, 0, 0, 2, 0]);
    let numbers = world.finishes(&drain, 5);
    world.expect_numbers(numbers, [2, 0, 0, 2, 0]);
}

#[test]
fn work_that_waits_for_more_is_told() {
    let world = World::new(run!());
    let drain = Drain::new();
    let closing = drain.closing();
    if let Ok(idle) = drain.admit(async move { closing.cancelled().await }) {
        drop(world.handle.spawn(idle));
    }
    world.pass(1);
    let numbers = world.finishes(&drain, 5);
    if world.seconds() != 1 {
        world.run.departs(format!("An idle connection waits for the token of `closing`. The service began to finish at 1 s, and the finish was ready at {} s.", world.seconds()),
        );
    }
    world.expect_numbers(numbers, [1, 1, 0, 0, 0]);
}

#[test]
fn seventy_thousand_works_are_cut() {
    let run = run!();
    let (drain, clock) = (Drain::new(), HandClock::default());
    let mut context = Context::from_waker(Waker::noop());
    let mut works = Vec::new();
    for _ in 0..70_000 {
        works.extend(drain.admit(pending::<()>()));
    }
    let polled = |works: &mut Vec<Admitted<Pending<()>>>, context: &mut Context<'_>| {
        works.retain_mut(|work| Pin::new(work).poll(context).is_pending());
        works.len()
    };
    let before = polled(&mut works, &mut context);
    let mut finish = drain.finish(&clock, SECOND);
    let _pending = Pin::new(&mut finish).poll(&mut context);
    clock.advance(SECOND);
    let _pending = Pin::new(&mut finish).poll(&mut context);
    let after = polled(&mut works, &mut context);
    if (before, after) != (70_000, 0) {
        run.departs(format!("70,000 works were in flight: {before} before the cut, and {after} after it. Expected: 0."));
    }
    match Pin::new(&mut finish).poll(&mut context) {
        Poll::Ready(numbers) if numbers.cut == 70_000 => {}
        polled => run.departs(format!(
            "70,000 works were cut, and the finish is {polled:?}."
        )),
    }
    let drain = Drain::new();
    for _ in 0..70_000 {
        let mut finished = drain.admit(ready(()));
        let _ready = finished
            .as_mut()
            .map(|work| Pin::new(work).poll(&mut context));
        drop(drain.admit(ready(())));
    }
    drop(drain.finish(&clock, SECOND));
    for _ in 0..70_000 {
        drop(drain.admit(ready(())));
    }
    let numbers = drain.numbers();
    let seen = [
        numbers.admitted,
        numbers.finished,
        numbers.dropped,
        numbers.refused,
    ];
    if seen != [140_000, 70_000, 70_000, 70_000] {
        run.recorder().says("drain", numbers.to_string());
        run.diagnose(
            "numbers-do-not-add-up",
            format!("140,000 works were admitted, of which 70,000 finished and 70,000 were dropped. Then `finish` was called, and 70,000 were refused. The numbers are: {numbers}."),
        );
    }
}

#[test]
fn work_that_was_ready_is_not_polled_again_in_silence() {
    let run = run!();
    let drain = Drain::new();
    let Ok(mut admitted) = drain.admit(ready(1)) else {
        run.departs("The service was not finishing, and the work was refused.")
    };
    let mut context = Context::from_waker(Waker::noop());
    let first = Pin::new(&mut admitted).poll(&mut context);
    run.recorder()
        .says("task", format!("polls its work → {first:?}"));
    if let Ok(again) = panics::expected(|| Pin::new(&mut admitted).poll(&mut context)) {
        run.recorder()
            .says("task", format!("polls it again → {again:?}"));
        run.diagnose(
            "silent-after-ready",
            format!("The admitted work was ready, was polled again, and returned {again:?}. The contract says that it panics: a task that polls it again waits for something that never happens."),
        );
    }
}

#[test]
fn every_short_run_is_as_expected() {
    Search::of(&ALPHABET)
        .up_to(4)
        .and_random(150, 14, 5)
        .naming(&KNOWN)
        .compare(&run!(), Yours::new, Reference::new);
    compare_two(&run!(), &ALPHABET[..4], 3, Yours::new, Reference::new);
}
