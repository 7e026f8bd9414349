//! 6.9 shield: work that goes on when its waiter is cancelled.

#[path = "shield/machine.rs"]
mod machine;
#[path = "shield/world.rs"]
mod world;

use super::subject::shield;
use event_loop::yield_now;
use machine::{ALPHABET, KNOWN, Reference, Yours};
use probe::runs::Search;
use probe::{run, snapshot};
use world::World;

#[test]
fn the_waiter_gets_the_output() {
    let world = World::new(run!("waits"));
    let shielded = shield(&world.spawn, world.work());
    match world.wait_for(shielded) {
        Ok(7) => {}
        Ok(other) => world
            .run
            .departs(format!("The work returned 7, and the waiter got {other}.")),
        Err(ended) => world
            .run
            .departs(format!("The work returned 7, and the waiter got: {ended}.")),
    }
    snapshot!(world.run);
}

#[test]
fn the_work_runs_although_the_shield_is_not_polled() {
    let world = World::new(run!());
    let shielded = shield(&world.spawn, world.work());
    world.seconds(3);
    if !world.said("work", "begins") {
        world.run.diagnose(
            "waits-to-be-polled",
            "The shield was not polled for three seconds, and the work has not begun. It has to be a task of its own, which the loop polls.",
        );
    }
    drop(shielded);
    if !world.said("work", "ends") {
        world.run.diagnose(
            "waits-to-be-polled",
            "The work takes two seconds. It began, and after three seconds it has not finished.",
        );
    }
}

#[test]
fn the_work_goes_on_when_the_waiter_is_cancelled() {
    let world = World::new(run!("cancelled"));
    world.wait_and_cancel();
    world.seconds(3);
    if !world.said("work", "ends") {
        world.run.diagnose(
            "cancelled-with-the-waiter",
            "The waiter was cancelled, and the work was dropped at its suspension point. Dropping a task cancels it.",
        );
    }
    snapshot!(world.run);
}

#[test]
fn the_work_goes_on_when_the_shield_is_dropped_before_its_first_poll() {
    let world = World::new(run!());
    drop(shield(&world.spawn, world.work()));
    world.run.recorder().says("shield", "is dropped at once");
    world.seconds(3);
    if !world.said("work", "ends") {
        world.run.diagnose(
            "cancelled-with-the-waiter",
            "The shield was dropped before its first poll, and the work did not finish.",
        );
    }
}

#[test]
fn the_work_is_done_once() {
    let world = World::new(run!());
    world.wait_and_cancel();
    world.seconds(10);
    let begins = world.count("work", "begins");
    let ends = world.count("work", "ends");
    if begins > 1 {
        world.run.departs(format!("The work began {begins} times."));
    }
    if ends > 1 {
        world.run.departs(format!("The work ended {ends} times."));
    }
}

#[test]
fn after_the_work_the_loop_keeps_nothing() {
    let world = World::new(run!());
    world.wait_and_cancel();
    world.seconds(3);
    let tasks = world.sim.event_loop().tasks();
    if tasks > 0 {
        world.run.departs(format!(
            "The work has finished, the shield is dropped, and the loop still has {tasks} tasks."
        ));
    }
    if world.counter.alive() > 0 {
        world
            .run
            .departs("The work has finished, the shield is dropped, and a variable of the work is still alive.");
    }
}

#[test]
fn a_panic_of_the_work_after_the_shield_is_dropped_is_reported() {
    let world = World::new(run!());
    drop(shield(&world.spawn, async {
        yield_now().await;
        panic!("the work fails")
    }));
    world.seconds(1);
    let reports = world.reports.borrow().clone();
    match &reports[..] {
        [] => world.run.diagnose(
            "panic-swallowed",
            "The work panicked after the shield was dropped, and the panic was not reported. A task that is leaked (by `mem::forget`, or in a cycle) reports nothing; one that is detached does.",
        ),
        [one] if one.contains("the work fails") => {}
        [one] => world.run.departs(format!("The work panicked with “the work fails”, and the report is: {one}.")),
        several => world.run.departs(format!("One panic was reported {} times; expected: once.", several.len())),
    }
}

#[test]
fn the_waiter_receives_the_panic_of_the_work() {
    let world = World::new(run!());
    let recorder = world.run.recorder().clone();
    let shielded = shield(&world.spawn, async move {
        recorder.says("work", "panics");
        panic!("the work fails")
    });
    let ended: Result<(), _> = match world.try_to_drive(shielded) {
        Some(ended) => ended,
        None => world.run.diagnose(
            "panic-swallowed",
            "The work panicked, and the waiter is still pending: no wake will follow. A line behind the panic does not run.",
        ),
    };
    match ended {
        Err(ended) if ended.to_string().contains("the work fails") => {}
        Err(ended) => world
            .run
            .departs(format!("The work panicked, and the waiter got: {ended}.")),
        Ok(()) => world
            .run
            .departs("The work panicked, and the waiter got an output."),
    }
    if !world.reports.borrow().is_empty() {
        world
            .run
            .departs("The waiter received the panic, and it was reported, too.");
    }
}

#[test]
fn the_waiter_is_dropped_before_cancel_returns() {
    let world = World::new(run!());
    world.wait_and_cancel();
    let events = world.events();
    let place = |lane: &str, text: &str| {
        events
            .iter()
            .position(|event| *event == (lane.to_owned(), text.to_owned()))
    };
    let (gone, returned) = (
        place("waiter", "its destructors run"),
        place("caller", "cancel has returned"),
    );
    if gone.is_none() || gone > returned {
        world.run.departs("The waiter was cancelled, and was still there when `cancel` returned. The shield protects the work, not the waiter.");
    }
}

#[test]
fn every_short_run_is_as_expected() {
    Search::of(&ALPHABET)
        .up_to(5)
        .naming(&KNOWN)
        .compare(&run!(), Yours::new, Reference::new);
}
