//! 10.8 exits: exits that run in every case, the newest first.

#[path = "exits/machine.rs"]
mod machine;
#[path = "exits/moves.rs"]
mod moves;
#[path = "exits/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "exits/on_the_loop.rs"]
mod on_the_loop;

#[path = "exits/many.rs"]
mod many;

use std::task::Poll;

use super::subject::ExitFailure;
use probe::{run, snapshot};
use world::{Ends, World};

#[test]
fn the_exits_run_the_newest_first() {
    let world = World::new(run!("newest_first"));
    let mut stack = world.stack();
    for number in 1..=3 {
        world.push(&mut stack, number, false, Ends::Well);
    }
    if stack.len() != 3 {
        world.run.departs(format!(
            "3 exits were pushed, and `len` returned {}.",
            stack.len()
        ));
    }
    let mut close = Box::pin(stack.close());
    if !world.log().is_empty() {
        world.run.diagnose(
            "eager-start",
            "An exit began before the future of `close` was polled.",
        );
    }
    let polled = world.poll(&mut close);
    world.refuse_order(&world.log());
    if polled.is_pending() {
        world.run.diagnose(
            "forgot-to-loop",
            "An exit has finished, the next one was not polled, and `close` returned `Pending`: no wake is due. When an exit has finished, the \
             next one is polled in the same poll.",
        );
    }
    if world.log() != "3 begins, 3 ends, 2 begins, 2 ends, 1 begins, 1 ends" {
        world
            .run
            .departs("`close` was ready, and the exits did not all run, the newest first.");
    }
    snapshot!(world.run);
}

#[test]
fn an_exit_begins_when_the_one_before_it_has_finished() {
    let world = World::new(run!("one_by_one"));
    let mut close = Box::pin(world.waiting(2).close());
    for number in [2, 1] {
        if world.poll(&mut close).is_ready() {
            world
                .run
                .departs("An exit is pending, and `close` was ready.");
        }
        world.refuse_order(&world.log());
        world.refuse_side_by_side();
        world.opens(number);
    }
    if world.poll(&mut close).is_pending() {
        world
            .run
            .departs("Both exits may go on, and `close` is still pending.");
    }
    if world.values.alive() > 0 {
        world.run.departs(format!(
            "`close` was ready, and {} exits are still alive.",
            world.values.alive()
        ));
    }
    snapshot!(world.run);
}

#[test]
fn an_exit_that_fails_does_not_stop_the_others() {
    let world = World::new(run!("failures"));
    let mut stack = world.stack();
    for (number, ends) in [(1, Ends::Fails), (2, Ends::Well), (3, Ends::Fails)] {
        world.push(&mut stack, number, false, ends);
    }
    let mut close = Box::pin(stack.close());
    let polled = world.poll(&mut close);
    drop(close);
    if !world.has("2 ends") || !world.has("1 fails") {
        world.run.diagnose(
            "cleanup-stops-at-first-error",
            "Exit 3 failed, and the exits behind it did not run. Each exit closes something of its own: they all run.",
        );
    }
    let failures = match polled {
        Poll::Ready(Err(failures)) => failures,
        Poll::Ready(Ok(())) => world.run.diagnose(
            "error-swallowed",
            "Two exits failed, and `close` returned `Ok`.",
        ),
        Poll::Pending => world.run.departs("No exit waits, and `close` is pending."),
    };
    let told: Vec<String> = failures.iter().map(ToString::to_string).collect();
    if told != ["failure of exit 3", "failure of exit 1"] {
        world.run.diagnose(
            "error-swallowed",
            format!("Exit 3 failed, then exit 1, and `close` returned {told:?}: it returns each failure, in the order in which they happened."),
        );
    }
    snapshot!(world.run);
}

#[test]
fn an_exit_that_panics_does_not_stop_the_others() {
    let world = World::new(run!());
    let mut stack = world.stack();
    world.push(&mut stack, 1, false, Ends::Well);
    world.push(&mut stack, 2, true, Ends::Panics);
    let mut close = Box::pin(stack.close());
    let _ = world.poll(&mut close);
    world.opens(2);
    let polled = world.poll(&mut close);
    if !world.has("1 ends") {
        world.run.diagnose(
            "panic-takes-the-rest",
            "Exit 2 panicked, and exit 1 did not run. A panic is a failure of that exit, and the others still run.",
        );
    }
    match polled {
        Poll::Ready(Err(failures))
            if matches!(&failures[..], [ExitFailure::Panicked(payload)]
                if event_loop::panic_message(&**payload) == "panic of exit 2") => {}
        Poll::Ready(Err(failures)) if failures.len() == 1 => world.run.departs(format!(
            "Exit 2 panicked. Expected of `close`: `Panicked`, with the payload of the panic. The failure is {}.",
            match &failures[0] {
                ExitFailure::Error(error) => format!("`Error`: {error}"),
                ExitFailure::Panicked(_) => "`Panicked` with another payload".to_owned(),
            }
        )),
        Poll::Ready(_) => world.run.diagnose(
            "panic-swallowed",
            "Exit 2 panicked, and `close` did not return that as its one failure.",
        ),
        Poll::Pending => world.run.departs("No exit waits, and `close` is pending."),
    }
}
