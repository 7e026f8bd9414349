//! 10.8 exits: exits that run in every case, the newest first.

#[path = "exits/machine.rs"]
mod machine;
#[path = "exits/moves.rs"]
mod moves;
#[path = "exits/on_the_loop.rs"]
mod on_the_loop;
#[path = "exits/world.rs"]
mod world;

use std::cell::RefCell;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::subject::ExitFailure;
use machine::{Reference, Yours};
use moves::{ALL, CORE, KNOWN};
use probe::runs::Search;
use probe::{panics, run, snapshot};
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

#[test]
fn a_stack_that_is_dropped_leaves_its_exits_to_the_loop() {
    let world = World::new(run!("dropped"));
    let stack = world.waiting(2);
    world.drops("the stack", stack);
    if !world.log().is_empty() {
        world
            .run
            .departs("An exit began in the destructor: the loop runs the exits.");
    }
    world.runs();
    if world.log().is_empty() {
        world.run.diagnose(
            "exit-skipped-on-cancel",
            "The stack was dropped, as by a cancellation or an early return, and no exit ran.",
        );
    }
    world.refuse_order(&world.log());
    world.refuse_side_by_side();
    for number in [2, 1] {
        world.opens(number);
        world.runs();
        world.refuse_order(&world.log());
        world.refuse_side_by_side();
    }
    if world.log() != "2 begins, 2 ends, 1 begins, 1 ends" {
        world
            .run
            .departs("The stack was dropped, the loop ran, and the exits did not all run once.");
    }
    snapshot!(world.run);
}

#[test]
fn a_stack_that_is_dropped_by_a_panic_leaves_its_exits_to_the_loop() {
    let world = World::new(run!());
    let stack = world.waiting(2);
    world
        .run
        .recorder()
        .says("caller", "panics, and unwinding drops the stack");
    let _ = panics::expected(|| {
        let _stack = stack;
        panic!("the code that pushed the exits panics");
    });
    for number in [2, 1] {
        world.runs();
        world.opens(number);
    }
    world.runs();
    if world.log() != "2 begins, 2 ends, 1 begins, 1 ends" {
        world.run.diagnose(
            "exit-skipped-on-cancel",
            format!(
                "The code that owns the stack panicked, and the panic dropped the stack. {}. A panic is one of the ways out: the loop runs all exits, the newest first.",
                match world.log() {
                    log if log.is_empty() => "No exit ran".to_owned(),
                    log => format!("The exits did this: {log}"),
                }
            ),
        );
    }
}

#[test]
fn a_close_that_is_dropped_leaves_the_rest_to_the_loop() {
    on_the_loop::close_is_dropped();
}

#[test]
fn what_fails_on_the_loop_is_reported() {
    on_the_loop::failures();
}

#[test]
fn a_failure_before_the_drop_is_reported() {
    on_the_loop::earlier_failures();
}

#[test]
fn a_closed_loop_drops_the_exits() {
    on_the_loop::closed_loop();
}

#[test]
fn exits_that_were_moved_run_with_their_new_stack() {
    let world = World::new(run!());
    let mut stack = world.waiting(2);
    let moved = stack.pop_all();
    world
        .run
        .recorder()
        .says("caller", "moves both exits to a new stack");
    if (stack.len(), moved.len()) != (0, 2) {
        world.run.departs(format!(
            "`pop_all` moved two exits: `len` of the old stack is {}, and of the new one {}.",
            stack.len(),
            moved.len()
        ));
    }
    world.drops("the old stack", stack);
    if world.event_loop.kept() > 0 {
        world.run.diagnose(
            "spawned-for-nothing",
            "The exits were moved to a new stack, and the old one was dropped. Its destructor spawned a task, and there was no exit left for it.",
        );
    }
    world.drops("the new stack", moved);
    for number in [2, 1] {
        world.runs();
        world.opens(number);
    }
    world.runs();
    world.refuse_order(&world.log());
    if world.log() != "2 begins, 2 ends, 1 begins, 1 ends" {
        world.run.departs(
            "The new stack was dropped, and its exits did not all run once, the newest first.",
        );
    }
}

#[test]
fn each_of_three_hundred_failures_is_returned_or_reported() {
    const ALL: usize = 300;
    let expected: Vec<String> = (0..ALL)
        .rev()
        .map(|number| format!("failure {number}"))
        .collect();
    for closes in [true, false] {
        let world = World::new(run!());
        let mut stack = world.stack();
        for text in expected.iter().rev().cloned() {
            stack.push(async move { Err(text.into()) });
        }
        let told = if closes {
            match world.poll(&mut Box::pin(stack.close())) {
                Poll::Ready(Err(failures)) => failures.iter().map(ToString::to_string).collect(),
                _ => Vec::new(),
            }
        } else {
            world.drops("the stack", stack);
            world.runs();
            world.event_loop.reports()
        };
        // A report is a sentence with the text.
        let is_told = |(told, text): (&String, &String)| told.contains(text.as_str());
        if told.len() != ALL || !told.iter().zip(&expected).all(is_told) {
            world.run.diagnose(
                "error-swallowed",
                format!(
                    "{ALL} exits failed, and {} failures were {}. Each failure is told, in the order in which they happened.",
                    told.len(),
                    if closes { "returned by `close`" } else { "reported by the loop's task" }
                ),
            );
        }
    }
}

#[test]
fn three_hundred_thousand_exits_run() {
    const ALL: u32 = 300_000;
    let world = World::new(run!());
    let (order, mut stack) = (Rc::new(RefCell::new(Vec::new())), world.stack());
    (world.run.recorder()).says(
        "caller",
        format!("pushes {ALL} exits, and closes the stack"),
    );
    world.run.risk(
        None,
        "300,000 exits were pushed, and closing them did not return or used up the stack of the thread. An exit takes the same time, however \
         many there are.",
        || {
            for number in 0..ALL {
                let order = Rc::clone(&order);
                stack.push(async move {
                    order.borrow_mut().push(number);
                    Ok(())
                });
            }
            let _ = world.poll(&mut Box::pin(stack.close()));
        },
    );
    if !order.borrow().iter().copied().eq((0..ALL).rev()) {
        world
            .run
            .departs("300,000 exits were pushed, and they did not all run, the newest first.");
    }
}

#[test]
fn every_short_run_is_as_expected() {
    Search::of(&ALL)
        .up_to(3)
        .and_random(60, 12, 10)
        .naming(&KNOWN)
        .compare(&run!(), Yours::new, Reference::new);
}

#[test]
fn every_longer_run_of_the_usual_steps_is_as_expected() {
    Search::of(&CORE)
        .up_to(5)
        .naming(&KNOWN)
        .compare(&run!(), Yours::new, Reference::new);
}

/// An exit that ends well, and whose destructor panics.
struct Breaks;

impl Future for Breaks {
    type Output = Result<(), Box<dyn Error>>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for Breaks {
    fn drop(&mut self) {
        panic!("panic of exit 2, in its destructor");
    }
}

#[test]
fn an_exit_whose_destructor_panics_does_not_stop_the_others() {
    for on_the_loop in [false, true] {
        let world = World::new(run!());
        let mut stack = world.stack();
        world.push(&mut stack, 1, false, Ends::Well);
        stack.push(Breaks);
        (world.run.recorder()).says("exit 2", "is pushed: its destructor will panic");
        let mut returned = Vec::new();
        if on_the_loop {
            world.drops("the stack", stack);
            world.runs();
        } else if let Poll::Ready(Err(failures)) = world.poll(&mut Box::pin(stack.close())) {
            returned = failures;
        }
        if !world.has("1 ends") {
            world.run.diagnose(
                "panic-takes-the-rest",
                "The destructor of exit 2 panicked, and exit 1 did not run. Such a panic is a failure of that exit, and the others still run.",
            );
        }
        if !on_the_loop && !matches!(&returned[..], [ExitFailure::Panicked(_)]) {
            world.run.diagnose(
                "panic-swallowed",
                "The destructor of exit 2 panicked, and `close` did not return that as its one failure.",
            );
        }
    }
}
