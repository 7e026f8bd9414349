//! A promise that is cancelled, and an error that is never retrieved.

use std::cell::RefCell;
use std::rc::Rc;

use super::world::{Do, World};
use cancellation::Failure;
use probe::{run, snapshot};

const KEPT: &str = "The returned promise was cancelled, and the generator was not dropped: it still owns its variables, and will not be resumed.";

/// A generator whose promise was cancelled: it was resumed up to `times` times before that, never after it, and it was dropped.
#[track_caller]
fn is_closed(world: &World, times: usize, resumed: &str, kept: &str) {
    if world.resumes() > times {
        world.run.diagnose("resumed-after-cancel", resumed);
    }
    if world.generators.alive() > 0 {
        world.run.diagnose("generator-kept", kept);
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
    is_closed(
        &world,
        1,
        "The returned promise was cancelled, and then the generator was resumed.",
        KEPT,
    );
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
    is_closed(
        &world,
        0,
        "The returned promise was cancelled before the first resume, and then the generator was resumed.",
        "The returned promise was cancelled before the first resume, and the generator was not dropped.",
    );
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
        is_closed(
            &world,
            1,
            "p completed and the returned promise was cancelled before the loop ran again. Then the generator was resumed although the promise was cancelled.",
            KEPT,
        );
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
