//! 12.2 shrink: the first seed that fails, and fewer decisions that fail in the same way.

#[path = "shrink/world.rs"]
mod world;

use std::cell::Cell;

use super::subject::{find, shrink};
use probe::random::Random;
use probe::{run, snapshot};
use world::{Program, every_program};

#[test]
fn a_decision_that_the_failure_does_not_need_becomes_zero() {
    let run = run!("two_of_eight");
    let program = Program::new(&run, |schedule| {
        (schedule[3] == 2 && schedule[7] == 1).then_some("lost")
    });
    let shrunk = shrink(&[1, 1, 0, 2, 1, 3, 1, 1, 1], &"lost", program.runs());
    program.judge(&shrunk, "lost");
    run.recorder().clear();
    run.recorder().says("shrunk", format!("{shrunk:?}"));
    snapshot!(run);
}

#[test]
fn a_decision_is_set_to_zero_and_not_only_made_smaller() {
    let run = run!();
    // With 1 or 2 in the place of the 3, the program passes.
    let program = Program::new(&run, |schedule| {
        (schedule[2] == 1 && [0, 3].contains(&schedule[0])).then_some("lost")
    });
    let shrunk = shrink(&[3, 1, 1], &"lost", program.runs());
    program.judge(&shrunk, "lost");
}

#[test]
fn a_schedule_that_needs_no_decision_becomes_empty() {
    let run = run!();
    let program = Program::new(&run, |_| Some("lost"));
    let shrunk = shrink(&[0, 2, 1, 0, 0], &"lost", program.runs());
    program.judge(&shrunk, "lost");
    let program = Program::new(&run, |_| Some("lost"));
    let shrunk = shrink(&[], &"lost", program.runs());
    program.judge(&shrunk, "lost");
}

#[test]
fn a_single_decision_stays_if_it_is_needed() {
    for schedule in [&[2][..], &[2, 0], &[0, 2]] {
        let run = run!();
        let needed = schedule.len() - 1 - usize::from(schedule.ends_with(&[0]));
        let program = Program::new(&run, move |schedule| {
            (schedule[needed] == 2).then_some("lost")
        });
        let shrunk = shrink(schedule, &"lost", program.runs());
        program.judge(&shrunk, "lost");
    }
}

#[test]
fn the_shrunk_schedule_fails_in_the_way_that_was_found() {
    let run = run!();
    // With the second decision alone the program is stuck, which is another failure.
    let program = Program::new(&run, |schedule| match (schedule[1], schedule[4]) {
        (1, 1) => Some("lost"),
        (1, _) => Some("stuck"),
        _ => None,
    });
    let shrunk = shrink(&[0, 1, 1, 0, 1, 1], &"lost", program.runs());
    program.judge(&shrunk, "lost");
}

#[test]
fn a_decision_goes_that_only_another_one_made_necessary() {
    for [helper, helped] in [[2, 6], [6, 2]] {
        let run = run!();
        // While `helper` is taken, `helped` is needed; without `helper` neither is.
        let program = Program::new(&run, move |schedule| {
            let fails = schedule[4] == 1 && (schedule[helper] == 0 || schedule[helped] > 0);
            fails.then_some("lost")
        });
        let shrunk = shrink(&[0, 0, 1, 0, 1, 0, 1], &"lost", program.runs());
        program.judge(&shrunk, "lost");
    }
}

#[test]
fn decisions_that_can_go_in_one_order_only_all_go() {
    const COUNT: usize = 10;
    let mut random = Random::seeded(127);
    let mut orders: Vec<Vec<usize>> = vec![(0..COUNT).collect(), (0..COUNT).rev().collect()];
    for _ in 0..40 {
        let mut left: Vec<usize> = (0..COUNT).collect();
        let order = (0..COUNT).map(|_| left.swap_remove(random.below(left.len())));
        orders.push(order.collect());
    }
    for order in &orders {
        let run = run!();
        let program = Program::new(&run, |schedule| {
            let gone = order.iter().take_while(|place| schedule[**place] == 0);
            let left = &order[gone.count()..];
            left.iter()
                .all(|place| schedule[*place] > 0)
                .then_some("lost")
        })
        .allowing(100 + 10 * COUNT);
        let shrunk = shrink(&[1; COUNT], &"lost", program.runs());
        program.judge(&shrunk, "lost");
    }
}

#[test]
fn every_program_with_three_decisions_is_shrunk() {
    every_program(|schedule, failure, program| shrink(schedule, failure, program.runs()));
}

#[test]
fn it_takes_no_more_runs_than_the_contract_allows() {
    for needed in [&[][..], &[120], &[3, 250, 299], &[0, 1, 2, 297, 298, 299]] {
        let run = run!();
        let program = Program::new(&run, move |schedule| {
            let fails = needed.iter().all(|&place| schedule[place] == 1);
            fails.then_some("lost")
        })
        .allowing(100 + 10 * 300 * (needed.len() + 1));
        let shrunk = shrink(&[1; 300], &"lost", program.runs());
        program.judge(&shrunk, "lost");
    }
}

#[test]
fn the_first_seed_that_fails_is_reported_and_none_is_run_after_it() {
    let orders: [(Vec<u64>, u64); 4] = [
        ((0..20).collect(), 17),
        ((0..3).collect(), 0),
        ((u64::MAX - 9..=u64::MAX).collect(), u64::MAX - 2),
        (vec![40, 7, 1_000, 12, 9], 12),
    ];
    for (seeds, fails) in orders {
        let run = run!();
        let program = Program::new(&run, |schedule| (schedule[1] == 2).then_some("lost"));
        let given = seeds.clone();
        let found = find(
            seeds,
            |seed| program.run_seed(seed, fails, vec![1, 2, 0, 1]),
            program.runs(),
        );
        let last = given.iter().position(|seed| *seed == fails);
        program.judge_found(found, &given[..=last.expect("it is one of them")]);
    }
}

#[test]
fn seeds_without_end_are_asked_for_one_by_one() {
    let run = run!();
    let program = Program::new(&run, |schedule| (schedule[1] == 2).then_some("lost"));
    let asked = Cell::new(0);
    let seeds = std::iter::from_fn(|| {
        asked.set(asked.get() + 1);
        if asked.get() > 1_000 {
            run.recorder()
                .says("seeds", "have no end: 1,000 were asked for");
            run.diagnose(
                "seeds-collected",
                "The seeds have no end, and the fifth of them fails. A thousand were asked for before one was run.",
            );
        }
        Some(asked.get())
    });
    let found = find(
        seeds,
        |seed| program.run_seed(seed, 5, vec![1, 2, 0, 1]),
        program.runs(),
    );
    if found.is_none_or(|found| found.seed != 5) {
        run.departs("The seeds have no end, and the fifth of them fails. It was not found.");
    }
}

#[test]
fn where_no_seed_fails_nothing_is_found() {
    let run = run!();
    let program = Program::new(&run, |_| None);
    let found = find(
        0..5,
        |seed| program.run_seed(seed, 9, vec![]),
        program.runs(),
    );
    if let Some(found) = found {
        run.departs(format!(
            "No seed of five makes the program fail, and `find` returned seed {}.",
            found.seed
        ));
    }
}
