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

#[path = "../src/bin/ch09-3-first-leaves.rs"]
#[allow(dead_code)]
mod first_leaves;

#[test]
fn a_flight_whose_first_caller_is_dropped_can_be_played() {
    let run = Run::watching("src/bin/ch09-3-first-leaves.rs");
    let sim = SimLoop::new(&run);
    for name in ["main", "a", "b"] {
        sim.recorded().next_task(name);
    }
    let _main = (sim.handle()).spawn(first_leaves::first_leaves(sim.handle()));
    let over = || sim.recorded().alive().is_empty();
    recorded(&run, || sim.run_until(over)).expect("no other task waits");
    let play = Play::of_program(
        "A flight whose first caller is dropped",
        &run,
        "chapters/09-blocking/src/bin/ch09-3-first-leaves.rs",
        include_str!("../src/bin/ch09-3-first-leaves.rs"),
        "first_leaves",
    );
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("play__first_leaves", play.json()); }
    );
}
