//! What the book plays: a run of one of the chapter's programs, step by step.
//!
//! The lines of the source come from the debug information that tests are built with.
#![cfg(debug_assertions)]

use picture::Play;
use probe::Run;
use probe::program::recorded;
use probe_loop::SimLoop;

/// What the program prints is recorded.
#[collapse_debuginfo(yes)]
macro_rules! println {
    ($($line:tt)*) => { probe::program::prints(format!($($line)*)) };
}

#[path = "../src/bin/ch07-4-both-ways.rs"]
#[allow(dead_code)]
mod both_ways;

#[path = "../src/bin/ch07-7-group.rs"]
#[allow(dead_code)]
mod group;

#[test]
fn what_runs_on_after_a_wait_and_after_a_time_out_can_be_played() {
    let run = Run::watching("src/bin/ch07-4-both-ways.rs");
    let sim = SimLoop::new(&run);
    for name in ["main", "a", "b", "c"] {
        sim.recorded().next_task(name);
    }
    let _main = sim.handle().spawn(both_ways::both_ways(sim.handle()));
    let over = || sim.recorded().alive().is_empty();
    recorded(&run, || sim.run_until(over)).expect("no other task waits");
    let play = Play::of_program(
        "What runs on after a wait, and after a time-out",
        &run,
        "chapters/07-composition/src/bin/ch07-4-both-ways.rs",
        include_str!("../src/bin/ch07-4-both-ways.rs"),
        "main",
    );
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("play__both_ways", play.json()); }
    );
}

#[test]
fn a_group_of_which_one_child_fails_can_be_played() {
    let run = Run::watching("src/bin/ch07-7-group.rs");
    let sim = SimLoop::new(&run);
    for name in ["report", "texts", "prices", "images", "cleanup"] {
        sim.recorded().next_task(name);
    }
    let _report = sim.handle().spawn(group::reports(sim.handle()));
    let over = || sim.recorded().alive().is_empty();
    recorded(&run, || sim.run_until(over)).expect("no other task waits");
    let play = Play::of_program(
        "A group of which one child fails",
        &run,
        "chapters/07-composition/src/bin/ch07-7-group.rs",
        include_str!("../src/bin/ch07-7-group.rs"),
        "main",
    );
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("play__group", play.json()); }
    );
}
