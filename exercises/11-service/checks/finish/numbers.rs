//! When work is counted, and as what; and every short run.

use std::future::{Pending, pending, ready};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::super::subject::{Admitted, Drain};
use super::at_wake;
use super::events::{ALPHABET, KNOWN};
use super::machine::{Reference, Yours};
use super::world::{SECOND, World};
use probe::runs::{Search, compare_two};
use probe::{panics, run};
use probe_loop::HandClock;

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
