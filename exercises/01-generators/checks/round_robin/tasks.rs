//! The tasks that take turns.

use super::super::subject::{RoundRobin, Turn};
use super::diagnoses::{completed, explain_several, resumed};
use generators::{Generator, Step};
use probe::detect::Token;
use probe::{Event, Run, What, panics};
use probe_generators::{script, spy};

pub(super) type Tasks = RoundRobin<u32, &'static str>;

/// A task that counts while it is alive.
pub(super) struct Counting(
    pub(super) probe_generators::Script<(), u32, &'static str>,
    #[expect(dead_code, reason = "it is there to be dropped")] pub(super) Token,
);

impl Generator for Counting {
    type Yield = u32;
    type Return = &'static str;

    fn resume(&mut self, (): ()) -> Step<u32, &'static str> {
        self.0.resume(())
    }
}

pub(super) fn spawn(run: &Run, tasks: &mut Tasks, lane: &str, yields: u32) -> usize {
    let task = Box::new(spy(run, lane, script(1..=yields, "done")));
    let number = tasks.spawn(task);
    run.recorder()
        .says("caller", format!("spawns {lane}, number {number}"));
    number
}

/// The event with which a task got its number.
pub(super) fn spawned(run: &Run, lane: &str) -> Option<usize> {
    let events = run.recorder().recording().events;
    let text = format!("spawns {lane},");
    let says = |event: &Event| matches!(&event.what, What::Says(said) if said.starts_with(&text));
    events.iter().position(says)
}

/// Takes turns, at most this many, and returns the tasks that had them.
#[track_caller]
pub(super) fn turns(run: &Run, tasks: &mut Tasks, at_most: usize) -> Vec<usize> {
    let mut order = Vec::new();
    while order.len() < at_most {
        let before = resumed(run).len();
        let turn = turn(run, tasks);
        let lanes = &resumed(run)[before..];
        match (turn, lanes) {
            (None, []) => break,
            (None, [lane]) if completed(run, before) => run.departs(format!(
                "{lane} completed in this turn, and `turn` said `None`. The caller has not received yet what the task \
                 completed with. `None` says that no task is left.",
            )),
            (None, [lane]) => run.departs(format!(
                "{lane} yielded in this turn, and `turn` said `None`. `None` says that no task is left.",
            )),
            (Some(_), []) => run.departs("A turn came back although no task was resumed."),
            (Some(Turn::Yielded { task, .. } | Turn::Finished { task, .. }), [_]) => order.push(task),
            (_, lanes) => explain_several(run, before, lanes),
        }
    }
    order
}

/// One turn. That it never panics is part of every promise.
#[track_caller]
pub(super) fn turn(run: &Run, tasks: &mut Tasks) -> Option<Turn<u32, &'static str>> {
    panics::expected(|| tasks.turn())
        .unwrap_or_else(|panic| run.departs(format!("`turn` panicked: {}.", panic.message)))
}

/// A task that completes at once, and owns something until it is dropped.
pub(super) struct Holding(
    #[expect(dead_code, reason = "it is there to be dropped")] pub(super) Token,
);

impl Generator for Holding {
    type Yield = u32;
    type Return = &'static str;

    fn resume(&mut self, (): ()) -> Step<u32, &'static str> {
        Step::Complete("done")
    }
}
