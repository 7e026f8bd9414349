//! What the loop runs when the owner of the exits is dropped.

use super::world::{Ends, World};
use probe::run;

#[track_caller]
pub(super) fn close_is_dropped() {
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

#[track_caller]
pub(super) fn failures() {
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

#[track_caller]
pub(super) fn earlier_failures() {
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

#[track_caller]
pub(super) fn closed_loop() {
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
