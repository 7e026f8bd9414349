//! 6.5 inline-callbacks: a generator that waits for promises.

#[path = "inline_callbacks/machine.rs"]
mod machine;
#[path = "inline_callbacks/moves.rs"]
mod moves;
#[path = "inline_callbacks/world.rs"]
mod world;

use std::cell::RefCell;
use std::rc::Rc;

use machine::{Driven, reference, subject};
use moves::{ALPHABET, KNOWN};
use world::{Do, World};

use cancellation::Failure;
use probe::runs::Search;
use probe::{run, snapshot};

#[test]
fn the_generator_is_not_resumed_before_inline_callbacks_returns() {
    let world = World::new(run!());
    let before = world.recorder.recording().events.len();
    let promise = world.inline([Do::ReturnThis(Ok(7))]);
    if world.recorder.recording().events.len() > before + 2 {
        world.run.diagnose("eager-start", "The generator was resumed before `inline_callbacks` had returned. The loop resumes it, in a later iteration.");
    }
    world.turns();
    world.expect(&promise, "7");
}

#[test]
fn a_generator_that_completes_in_its_first_resume_completes_the_promise() {
    let world = World::new(run!("at_once"));
    let promise = world.inline([Do::ReturnThis(Ok(7))]);
    world.turns();
    world.expect(&promise, "7");
    snapshot!(world.run);
}

#[test]
fn the_generator_is_resumed_with_the_value_when_its_promise_is_done() {
    let world = World::new(run!("a_value"));
    let p = world.promise();
    let promise = world.inline([Do::Yield("p", p.clone()), Do::Return]);
    world.turns();
    if world.resumes() > 1 {
        world
            .run
            .departs("p is pending, and the generator was resumed.");
    }
    world.ends("p", &p, Ok(7));
    world.turns();
    world.expect(&promise, "7");
    snapshot!(world.run);
}

#[test]
fn an_error_is_sent_into_the_generator_which_may_handle_it() {
    let world = World::new(run!("an_error"));
    let p = world.promise();
    let promise = world.inline([Do::Yield("p", p.clone()), Do::ReturnThis(Ok(0))]);
    world.turns();
    world.ends("p", &p, Err(Failure::error("out of paper")));
    world.turns();
    if world.resumes() < 2 {
        world.run.diagnose(
            "error-not-sent-in",
            "p was rejected with an error, and the generator was not resumed with it. It might have tried another printer.",
        );
    }
    world.expect(&promise, "0");
    snapshot!(world.run);
}

#[test]
fn the_cancellation_of_a_yielded_promise_is_sent_into_the_generator() {
    let world = World::new(run!());
    let p = world.promise();
    let promise = world.inline([Do::Yield("p", p.clone()), Do::ReturnThis(Ok(0))]);
    world.turns();
    world.recorder.says("p", "is cancelled");
    p.cancel();
    world.turns();
    if world.resumes() < 2 {
        world.run.diagnose(
            "error-not-sent-in",
            "p was cancelled, and the generator was not resumed with the cancellation.",
        );
    }
    world.expect(&promise, "0");
}

#[test]
fn the_failure_of_the_generator_is_the_failure_of_the_promise() {
    let world = World::new(run!());
    let p = world.promise();
    let promise = world.inline([Do::Yield("p", p.clone()), Do::Return]);
    world.turns();
    world.ends("p", &p, Err(Failure::error("out of paper")));
    world.turns();
    world.expect(&promise, "an error, out of paper");
    let cancelled = world.inline([Do::ReturnThis(Err(Failure::Cancelled))]);
    world.turns();
    world.expect(&cancelled, "a cancellation");
}

#[test]
fn the_generator_waits_for_one_promise_after_the_other() {
    let world = World::new(run!("three"));
    let [p, q, r] = [(); 3].map(|()| world.promise());
    let promise = world.inline([
        Do::Yield("p", p.clone()),
        Do::Yield("q", q.clone()),
        Do::Yield("r", r.clone()),
        Do::Return,
    ]);
    world.turns();
    // q is done before the generator yields it.
    for (name, one, value) in [("q", &q, 2), ("p", &p, 1), ("r", &r, 3)] {
        world.ends(name, one, Ok(value));
        world.turns();
    }
    world.expect(&promise, "3");
    snapshot!(world.run);
}

#[test]
fn a_generator_may_yield_ten_thousand_promises_that_are_done() {
    let world = World::new(run!());
    // The run would be too long to read.
    let quiet = World {
        run: run!(),
        ..World::new(run!())
    };
    let done = quiet.promise();
    done.resolve(7).expect("it is pending");
    let steps = (0..10_000).map(|_| Do::Yield("p", done.clone()));
    let promise = quiet.inline(steps.chain([Do::Return]));
    world
        .recorder
        .says("generator", "yields ten thousand promises that are done");
    world.run.risk(
        Some("recursion-for-a-loop"),
        "The generator yielded ten thousand promises that were done, and the stack overflowed: each resume was called from inside the one before.",
        || {
            for _ in 0..2_000 {
                quiet.turns();
                if promise.state() != "pending" {
                    break;
                }
            }
        },
    );
    if promise.state() == "pending" {
        world
            .run
            .departs("The generator was not resumed often enough to complete.");
    }
}

#[test]
fn cancelling_the_promise_closes_the_generator_and_cancels_the_yielded_promise() {
    let world = World::new(run!("cancelled"));
    let p = world.promise();
    let promise = world.inline([Do::Yield("p", p.clone()), Do::Return]);
    world.turns();
    let call = world.recorder.enters("caller", "cancel()");
    promise.cancel();
    call.returns("done");
    world.turns();
    if world.resumes() > 1 {
        world.run.diagnose(
            "resumed-after-cancel",
            "The returned promise was cancelled, and then the generator was resumed.",
        );
    }
    if world.generators.alive() > 0 {
        world.run.diagnose(
            "generator-kept",
            "The returned promise was cancelled, and the generator was not dropped: it still owns its variables, and will not be resumed.",
        );
    }
    if p.state() != "cancelled" {
        world.run.diagnose(
            "left-working",
            "The returned promise was cancelled, and p, for which the generator waited, was not.",
        );
    }
    world.recorder.says("p", "is cancelled");
    world.expect(&promise, "a cancellation");
    snapshot!(world.run);
}

#[test]
fn a_generator_whose_promise_is_cancelled_first_is_never_resumed() {
    let world = World::new(run!());
    let promise = world.inline([Do::ReturnThis(Ok(7))]);
    world.recorder.says("caller", "cancels");
    promise.cancel();
    world.turns();
    if world.resumes() > 0 {
        world.run.diagnose(
            "resumed-after-cancel",
            "The returned promise was cancelled before the first resume, and then the generator was resumed.",
        );
    }
    if world.generators.alive() > 0 {
        world.run.diagnose(
            "generator-kept",
            "The returned promise was cancelled before the first resume, and the generator was not dropped.",
        );
    }
    world.expect(&promise, "a cancellation");
}

#[test]
fn an_error_that_is_never_retrieved_is_reported_once() {
    let world = World::new(run!());
    let promise = world.inline([Do::ReturnThis(Err(Failure::error("out of paper")))]);
    world.turns();
    world.recorder.says(
        "caller",
        "drops the promise, and has not retrieved the outcome",
    );
    drop(promise);
    world.turns();
    match world.reports.borrow().len() {
        0 => world.run.diagnose(
            "asked-by-itself",
            "The generator failed, the caller dropped the promise without retrieving the error, and nothing was reported. The outcome counts as retrieved (a callback on the promise retrieves it), or a clone of the promise still exists.",
        ),
        1 => {}
        times => world.run.departs(format!("The error was reported {times} times; expected: once.")),
    }
}

#[test]
fn a_generator_is_not_resumed_if_its_promise_is_cancelled_in_the_same_iteration() {
    for cancelled_first in [false, true] {
        let world = World::new(run!());
        let p = world.promise();
        let promise = world.inline([Do::Yield("p", p.clone()), Do::Return]);
        world.turns();
        let cancel = || {
            world.recorder.says("caller", "cancels");
            promise.cancel();
        };
        if cancelled_first {
            cancel();
        }
        world.ends("p", &p, Ok(7));
        if !cancelled_first {
            cancel();
        }
        world.turns();
        if world.resumes() > 1 {
            world.run.diagnose(
                "resumed-after-cancel",
                "p completed and the returned promise was cancelled before the loop ran again. Then the generator was resumed although the promise was cancelled.",
            );
        }
        if world.generators.alive() > 0 {
            world.run.diagnose(
                "generator-kept",
                "The returned promise was cancelled, and the generator was not dropped: it still owns its variables, and will not be resumed.",
            );
        }
        world.expect(&promise, "a cancellation");
    }
}

#[test]
fn a_promise_that_its_generator_cancels_in_the_last_resume_stays_cancelled() {
    let world = World::new(run!());
    let returned = Rc::new(RefCell::new(None));
    let promise = world.inline([Do::CancelAndReturn(Rc::clone(&returned), 7)]);
    returned.replace(Some(promise.clone()));
    world.turns();
    world.expect(&promise, "a cancellation");
    returned.take();
}

#[test]
fn after_the_generator_completes_the_loop_keeps_nothing() {
    let world = World::new(run!());
    let p = world.promise();
    let promise = world.inline([Do::Yield("p", p.clone()), Do::Return]);
    world.turns();
    world.ends("p", &p, Ok(7));
    world.turns();
    world.expect(&promise, "7");
    let tasks = world.sim.event_loop().tasks();
    if tasks > 0 {
        world.run.diagnose(
            "task-left-behind",
            format!("The generator has completed, and the loop still has {tasks} tasks."),
        );
    }
    if world.generators.alive() > 0 {
        world.run.diagnose(
            "generator-kept",
            "The generator has completed, and was not dropped.",
        );
    }
}

#[test]
fn two_generators_run_side_by_side() {
    let world = World::new(run!());
    let [p, q] = [(); 2].map(|()| world.promise());
    let first = world.inline([Do::Yield("p", p.clone()), Do::Return]);
    let second = world.inline([Do::Yield("q", q.clone()), Do::Return]);
    world.turns();
    if world.resumes() < 2 {
        world
            .run
            .departs("Two generators were started, and only one of them was resumed.");
    }
    world.ends("q", &q, Ok(2));
    world.turns();
    world.expect(&second, "2");
    world.ends("p", &p, Ok(1));
    world.turns();
    world.expect(&first, "1");
}

#[test]
fn forty_generators_run_side_by_side() {
    let world = World::new(run!());
    let yielded: Vec<_> = (0..40).map(|_| world.promise()).collect();
    let returned: Vec<_> = yielded
        .iter()
        .map(|promise| world.inline([Do::Yield("p", promise.clone()), Do::Return]))
        .collect();
    world.turns();
    for (number, promise) in (0..40).zip(&yielded).rev() {
        world.ends("p", promise, Ok(number));
    }
    world.turns();
    for (number, promise) in returned.iter().enumerate() {
        world.expect(promise, &number.to_string());
    }
}

#[test]
fn every_short_run_is_as_expected() {
    Search::of(&ALPHABET)
        .up_to(3)
        .and_random(100, 8, 5)
        .naming(&KNOWN)
        .compare(
            &run!(),
            || Driven::new(&subject),
            || Driven::new(&reference),
        );
}
