//! Exits that move, many exits, every short run, and a destructor that panics.

use std::cell::RefCell;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::super::subject::ExitFailure;
use super::machine::{Reference, Yours};
use super::moves::{ALL, CORE, KNOWN};
use super::world::{Ends, World};
use probe::run;
use probe::runs::Search;

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
