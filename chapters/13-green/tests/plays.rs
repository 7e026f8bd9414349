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

#[path = "../src/bin/ch13-4-three-waits.rs"]
#[allow(dead_code)]
mod three_waits;

#[test]
fn three_plain_functions_that_wait_can_be_played() {
    let run = Run::watching("src/bin/ch13-4-three-waits.rs");
    let sim = SimLoop::new(&run);
    for name in ["main", "a", "b", "c"] {
        sim.recorded().next_task(name);
    }
    let _main = (sim.handle()).spawn(three_waits::three_waits(sim.handle()));
    let over = || sim.recorded().alive().is_empty();
    recorded(&run, || sim.run_until(over)).expect("no other task waits");
    let play = Play::of_program(
        "Three plain functions that wait",
        &run,
        "chapters/13-green/src/bin/ch13-4-three-waits.rs",
        include_str!("../src/bin/ch13-4-three-waits.rs"),
        "main",
    );
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("play__three_waits", play.json()); }
    );
}
