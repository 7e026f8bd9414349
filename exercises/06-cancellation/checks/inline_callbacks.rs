//! 6.5 inline-callbacks: a generator that waits for promises.

#[path = "inline_callbacks/machine.rs"]
mod machine;
#[path = "inline_callbacks/moves.rs"]
mod moves;
#[path = "inline_callbacks/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "inline_callbacks/cancelled.rs"]
mod cancelled;

#[path = "inline_callbacks/side_by_side.rs"]
mod side_by_side;

use world::{Do, World};

use cancellation::Failure;
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
