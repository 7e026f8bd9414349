//! What the loop runs when the owner of the exits is dropped.

use super::world::{Ends, World};
use probe::{panics, run, snapshot};

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
    for polls in 0..2 {
        let world = World::new(run!());
        let mut close = Box::pin(world.waiting(2).close());
        for _ in 0..polls {
            let _ = world.poll(&mut close);
        }
        world.drops("the future of close", close);
        for number in [2, 1] {
            world.runs();
            world.opens(number);
        }
        world.runs();
        for number in [2, 1] {
            if !world.has(&format!("{number} ends")) {
                world.run.diagnose(
                    "exit-skipped-on-cancel",
                    match (polls, number) {
                        (0, _) => format!("The future of `close` was dropped before its first poll, and exit {number} did not run."),
                        (_, 2) => "The future of `close` was dropped while exit 2 was suspended, and exit 2 did not go on.".to_owned(),
                        _ => "The future of `close` was dropped while exit 2 was suspended, and exit 1 did not run.".to_owned(),
                    },
                );
            }
        }
        world.refuse_order(&world.log());
        if world.log() != "2 begins, 2 ends, 1 begins, 1 ends" {
            world
                .run
                .departs("The future of `close` was dropped, and the loop did not run each exit once, the newest first.");
        }
    }
}

#[test]
fn what_fails_on_the_loop_is_reported() {
    for ends in [Ends::Fails, Ends::Panics] {
        let world = World::new(run!());
        let mut stack = world.stack();
        for (number, ends) in [(1, ends), (2, Ends::Well), (3, ends)] {
            world.push(&mut stack, number, false, ends);
        }
        world.drops("the stack", stack);
        world.runs();
        if !world.has("2 ends") {
            world.run.diagnose(
                match ends {
                    Ends::Panics => "panic-takes-the-rest",
                    _ => "cleanup-stops-at-first-error",
                },
                "Exit 3 failed on the loop, and the exits behind it did not run.",
            );
        }
        let reports = world.event_loop.reports();
        let text = match ends {
            Ends::Panics => "panic of exit",
            _ => "failure of exit",
        };
        for (place, number) in [3, 1].iter().enumerate() {
            let text = format!("{text} {number}");
            if !reports
                .get(place)
                .is_some_and(|report| report.contains(&text))
                || reports.len() != 2
            {
                world.run.diagnose(
                    match ends {
                        Ends::Panics => "panic-swallowed",
                        _ => "error-swallowed",
                    },
                    format!(
                        "Two exits failed on the loop, where no caller receives that, and {reports:?} was reported. Each failure is reported \
                         once, with its text."
                    ),
                );
            }
        }
    }
}

#[test]
fn a_failure_before_the_drop_is_reported() {
    let world = World::new(run!());
    let mut stack = world.waiting(1);
    world.push(&mut stack, 2, false, Ends::Fails);
    let mut close = Box::pin(stack.close());
    let _ = world.poll(&mut close);
    world.drops("the future of close", close);
    world.runs();
    world.opens(1);
    world.runs();
    let reports = world.event_loop.reports();
    if reports.len() != 1 || !reports[0].contains("failure of exit 2") {
        world.run.diagnose(
            "error-swallowed",
            format!(
                "Exit 2 had failed when the future of `close` was dropped, so no caller received that. {reports:?} was reported; expected: one \
                 sentence with “failure of exit 2”."
            ),
        );
    }
}

#[test]
fn a_closed_loop_drops_the_exits() {
    for closes_first in [true, false] {
        let world = World::new(run!());
        let stack = world.waiting(2);
        world.run.recorder().says(
            "loop",
            match closes_first {
                true => "is closed before the stack is dropped",
                false => "is closed after the stack is dropped",
            },
        );
        world.run.risk(
            Some("spawned-by-its-own-drop"),
            "The loop was closed and dropped the task with the exits. The destructor of that task spawned another one, which the loop dropped as \
             well, and so on until the stack of the thread was used up.",
            || {
                if closes_first {
                    world.event_loop.close();
                }
                drop(stack);
                world.event_loop.close();
            },
        );
        if world.values.alive() > 0 || !world.log().is_empty() {
            world.run.departs(format!(
                "The loop is closed. {} exits are still alive, and the exits did this: {:?}.",
                world.values.alive(),
                world.log()
            ));
        }
    }
}
