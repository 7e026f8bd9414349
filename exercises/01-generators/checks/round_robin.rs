//! 1.8 round-robin: tasks that take turns.

#[path = "round_robin/diagnoses.rs"]
mod diagnoses;
#[path = "round_robin/machine.rs"]
mod machine;
#[path = "round_robin/tasks.rs"]
mod tasks;

use diagnoses::{entered, expect, expect_turn, resumed, unfair};
use machine::{Do, KNOWN, Model, Yours};
use tasks::{Holding, Tasks, spawn, spawned, turn, turns};

use probe::detect::DropCounter;
use probe::runs::Search;
use probe::{run, snapshot};
use probe_generators::{script, spy};

#[test]
fn spawning_gives_numbers_and_resumes_no_generator() {
    let run = run!("three_spawned");
    let mut tasks = Tasks::new();
    let numbers = ["a", "b", "c"].map(|lane| spawn(&run, &mut tasks, lane, 1));
    if !resumed(&run).is_empty() {
        run.diagnose_at(
            Some(entered(&run, 0)),
            "eager-start",
            "A task was resumed inside `spawn`. `turn` had not been called yet.",
        );
    }
    if let Some(wrong) = (0..3).find(|&index| numbers[index] != index) {
        run.departs_at(
            Some(wrong),
            format!("The first three tasks should be numbered 0, 1 and 2; they are {numbers:?}."),
        );
    }
    snapshot!(run);
}

#[test]
fn without_tasks_there_is_no_turn() {
    let run = run!("no_tasks");
    let mut tasks = Tasks::new();
    for _ in 0..2 {
        let call = run.recorder().enters("caller", "turn()");
        match turn(&run, &mut tasks) {
            None => call.returns("None"),
            Some(turn) => {
                call.returns(format!("{turn:?}"));
                run.departs(
                    "No task was spawned, so `turn` returns `None`, however often it is called.",
                );
            }
        }
    }
    snapshot!(run);
}

#[test]
fn three_tasks_take_turns() {
    let run = run!("three_tasks");
    let mut tasks = Tasks::new();
    for lane in ["a", "b", "c"] {
        spawn(&run, &mut tasks, lane, 2);
    }
    let order = turns(&run, &mut tasks, 12);
    expect(&run, &["a", "b", "c"], &order, &[0, 1, 2, 0, 1, 2, 0, 1, 2]);
    snapshot!(run);
}

#[test]
fn a_task_that_finishes_costs_its_neighbour_no_turn() {
    let run = run!("one_leaves_early");
    let mut tasks = Tasks::new();
    for (lane, yields) in [("a", 2), ("b", 0), ("c", 2), ("d", 2)] {
        spawn(&run, &mut tasks, lane, yields);
    }
    let order = turns(&run, &mut tasks, 14);
    expect(
        &run,
        &["a", "b", "c", "d"],
        &order,
        &[0, 1, 2, 3, 0, 2, 3, 0, 2, 3],
    );
    snapshot!(run);
}

#[test]
fn a_task_that_is_spawned_later_waits_behind_the_others() {
    let run = run!("one_comes_later");
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
    let order = [first, later].concat();
    expect(&run, &["a", "b", "late"], &order, &[0, 1, 0, 2, 1, 0, 2, 1]);
    snapshot!(run);
}

#[test]
fn a_number_is_given_only_once() {
    let run = run!("three_numbers");
    let mut tasks = Tasks::new();
    spawn(&run, &mut tasks, "a", 1);
    turns(&run, &mut tasks, 1);
    let second = spawn(&run, &mut tasks, "b", 0);
    turns(&run, &mut tasks, 3);
    let third = spawn(&run, &mut tasks, "c", 0);
    for (lane, number, right) in [("b", second, 1), ("c", third, 2)] {
        if number > right {
            run.departs_at(
                spawned(&run, lane),
                format!("{lane} should have got the number {right}; it has {number}."),
            );
        }
        if number < right {
            run.diagnose_at(
                spawned(&run, lane),
                "number-given-again",
                format!(
                    "{lane} got the number {number}, and should have got {right}. Code that remembers {number} means the task that had \
                     it first: a number names one task and is given once, also when that task has finished.",
                ),
            );
        }
    }
    snapshot!(run);
}

#[test]
fn a_finished_task_is_dropped_at_once() {
    let run = run!("a_finished_task");
    let mut tasks = Tasks::new();
    let held = DropCounter::new();
    let token = held.token().in_track(run.recorder(), "what a owns");
    let number = tasks.spawn(Box::new(spy(&run, "a", Holding(token))));
    run.recorder()
        .says("caller", format!("spawns a, number {number}"));
    spawn(&run, &mut tasks, "other", 1);
    turn(&run, &mut tasks);
    run.recorder().says("caller", "hears of it");
    if held.alive() > 0 {
        run.diagnose(
            "finished-task-kept",
            "The task has finished, and everything it owns is still there: it should be dropped before `turn` returns.",
        );
    }
    snapshot!(run);
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
            unfair(&run, &["a", "b"], &[0, 1].repeat(50));
        }
    }
}

#[test]
fn three_hundred_tasks_and_seventy_thousand_numbers_are_told_apart() {
    let run = run!();
    let (mut tasks, mut model) = (Tasks::new(), Model::default());
    for number in 0..70_000_usize {
        let spawns = if number < 300 { 1 } else { 2 };
        let got = tasks.spawn(Box::new(script(1..=number as u32 % spawns, "done")));
        model.spawn(number as u32 % spawns);
        if got != number {
            run.recorder().says(
                "caller",
                format!("spawns a task after {number} others: number {got}    expected: {number}"),
            );
            let seen = format!(
                "The task that was spawned after {number} others got the number {got}; expected: {number}."
            );
            if got < number {
                run.diagnose(
                    "number-given-again",
                    format!("{seen} Another task has had the number {got}."),
                );
            }
            run.departs(seen);
        }
        if number >= 300 {
            expect_turn(&run, &mut tasks, &mut model);
        }
    }
    while model.waiting() {
        expect_turn(&run, &mut tasks, &mut model);
    }
}

#[test]
fn every_short_run_of_spawns_and_turns_goes_as_the_contract_says() {
    let run = run!();
    let alphabet = [Do::Spawn(0), Do::Spawn(1), Do::Spawn(3), Do::Turn];
    Search::of(&alphabet)
        .up_to(6)
        .and_random(60, 80, 11)
        .leaving_no_memory()
        .naming(&KNOWN)
        .compare(&run, Yours::default, Model::default);
}
