//! 1.8 round-robin: tasks that take turns.

use super::subject::{RoundRobin, Turn};
use generators::{Generator, Step};
use probe::detect::{DropCounter, Token};
use probe::{Run, run, snapshot};
use probe_generators::{laws, script, spy};

type Tasks = RoundRobin<u32, &'static str>;

#[test]
fn without_tasks_there_is_no_turn() {
    let run = run!();
    let mut tasks = Tasks::new();
    if tasks.turn().is_some() || tasks.turn().is_some() {
        run.departs("Nobody was spawned, so `turn` should say `None`, however often it is called.");
    }
}

#[test]
fn spawning_gives_numbers_and_resumes_nobody() {
    let run = run!();
    let mut tasks = Tasks::new();
    let numbers = laws::does_nothing_until_resumed(&run, || {
        [(); 3].map(|()| spawn(&run, &mut tasks, "task", 1))
    });
    if numbers != [0, 1, 2] {
        run.departs(format!(
            "The first three tasks should be numbered 0, 1 and 2; they are {numbers:?}."
        ));
    }
}

#[test]
fn three_tasks_take_turns() {
    let run = run!("three_tasks");
    let mut tasks = Tasks::new();
    for lane in ["a", "b", "c"] {
        spawn(&run, &mut tasks, lane, 2);
    }
    expect(
        &run,
        &turns(&run, &mut tasks, 12),
        &[0, 1, 2, 0, 1, 2, 0, 1, 2],
    );
    snapshot!(run);
}

#[test]
fn a_task_that_finishes_costs_its_neighbour_no_turn() {
    let run = run!("one_leaves_early");
    let mut tasks = Tasks::new();
    for (lane, yields) in [("a", 2), ("b", 0), ("c", 2), ("d", 2)] {
        spawn(&run, &mut tasks, lane, yields);
    }
    expect(
        &run,
        &turns(&run, &mut tasks, 14),
        &[0, 1, 2, 3, 0, 2, 3, 0, 2, 3],
    );
    snapshot!(run);
}

#[test]
fn a_task_that_is_spawned_later_waits_behind_the_others() {
    let run = run!();
    let mut tasks = Tasks::new();
    spawn(&run, &mut tasks, "a", 2);
    spawn(&run, &mut tasks, "b", 2);
    let first = turns(&run, &mut tasks, 1);
    let number = spawn(&run, &mut tasks, "late", 1);
    let later = turns(&run, &mut tasks, 8);
    if number != 2 {
        run.departs(format!(
            "The third task should have the number 2; it has {number}."
        ));
    }
    expect(&run, &[first, later].concat(), &[0, 1, 0, 2, 1, 0, 2, 1]);
}

#[test]
fn a_number_is_given_only_once() {
    let run = run!();
    let mut tasks = Tasks::new();
    spawn(&run, &mut tasks, "a", 0);
    turns(&run, &mut tasks, 2);
    if spawn(&run, &mut tasks, "b", 0) != 1 {
        run.diagnose(
            "position-taken-for-number",
            "A task got the number of another one that had finished: its place in the queue was taken for its number.",
        );
    }
}

#[test]
fn a_finished_task_is_dropped_at_once() {
    let run = run!();
    let mut tasks = Tasks::new();
    let held = DropCounter::new();
    tasks.spawn(Box::new(Holding(held.token())));
    spawn(&run, &mut tasks, "other", 1);
    let _turn = tasks.turn();
    if held.alive() > 0 {
        run.diagnose(
            "finished-task-kept",
            "The task has finished, and everything it owns is still there: it should be dropped before `turn` returns.",
        );
    }
}

#[test]
fn two_endless_tasks_never_differ_by_more_than_one_turn() {
    let run = run!();
    let mut tasks = Tasks::new();
    spawn(&run, &mut tasks, "a", 1_000);
    spawn(&run, &mut tasks, "b", 1_000);
    let order = turns(&run, &mut tasks, 100);
    for turns in 1..=order.len() {
        let of_a = order[..turns].iter().filter(|task| **task == 0).count();
        if of_a.abs_diff(turns - of_a) > 1 {
            unfair(&run, &order);
        }
    }
}

fn spawn(run: &Run, tasks: &mut Tasks, lane: &str, yields: u32) -> usize {
    tasks.spawn(Box::new(spy(run, lane, script(1..=yields, "done"))))
}

/// Takes turns, at most so many, and says whose they were.
#[track_caller]
fn turns(run: &Run, tasks: &mut Tasks, at_most: usize) -> Vec<usize> {
    let mut order = Vec::new();
    while order.len() < at_most {
        let before = run.recorder().last_event();
        let Some(turn) = tasks.turn() else { break };
        if run.recorder().last_event() == before && order.is_empty() {
            run.departs("A turn came back although nobody was resumed.");
        }
        order.push(match turn {
            Turn::Yielded { task, .. } | Turn::Finished { task, .. } => task,
        });
    }
    order
}

/// Holds the order of turns against the right one, and says what is known to make it different.
#[track_caller]
fn expect(run: &Run, order: &[usize], right: &[usize]) {
    if order == right {
        return;
    }
    let resumed = resumed_in_order(run);
    let names = ["a", "b", "c", "d"];
    let as_it_should = right
        .iter()
        .zip(&resumed)
        .all(|(task, lane)| names.get(*task).is_none_or(|name| name == lane));
    if as_it_should && resumed.len() == right.len() && order.len() == right.len() {
        run.diagnose(
            "position-taken-for-number",
            format!(
                "The right tasks were resumed, but the turns name {order:?} where the tasks' numbers are {right:?}. A task's place \
                 in the queue changes; its number does not.",
            ),
        );
    }
    unfair(run, order)
}

#[track_caller]
fn unfair(run: &Run, order: &[usize]) -> ! {
    match order {
        [0, 0, ..] => run.diagnose(
            "unfair-round-robin",
            "The first task got two turns in a row while others were waiting: whoever was just resumed goes first again.",
        ),
        [first, second, ..] if first == second => run.diagnose(
            "lifo-starvation",
            "The newest task got two turns in a row while others were waiting: the queue is used from the end at which tasks \
             are put in.",
        ),
        [0, 1, 3, ..] | [0, 1, 0, ..] if order.len() > 4 => run.diagnose(
            "neighbour-skipped",
            "When a task finished, the one behind it lost its turn: the others moved up by one place, and the position did not.",
        ),
        _ => run.departs(format!("The turns went to {order:?}. Whoever has waited longest should come next.")),
    }
}

/// The lanes that were resumed, in order, as the spies saw it.
fn resumed_in_order(run: &Run) -> Vec<String> {
    let recording = run.recorder().recording();
    let resumes = recording
        .events
        .iter()
        .filter(|event| matches!(event.what, probe::What::Enters(_)));
    resumes.map(|event| event.lane.clone()).collect()
}

/// A task that completes at once, and owns something until it is dropped.
struct Holding(#[expect(dead_code, reason = "it is there to be dropped")] Token);

impl Generator for Holding {
    type Yield = u32;
    type Return = &'static str;

    fn resume(&mut self, (): ()) -> Step<u32, &'static str> {
        Step::Complete("done")
    }
}
