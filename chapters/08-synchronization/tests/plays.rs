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

#[path = "../src/bin/ch08-1-passed-on.rs"]
#[allow(dead_code)]
mod passed_on;

#[test]
fn a_turn_that_is_passed_on_can_be_played() {
    let run = Run::watching("src/bin/ch08-1-passed-on.rs");
    let sim = SimLoop::new(&run);
    for name in ["main", "b", "c"] {
        sim.recorded().next_task(name);
    }
    let _main = sim.handle().spawn(passed_on::passed_on(sim.handle()));
    let over = || sim.recorded().alive().is_empty();
    recorded(&run, || sim.run_until(over)).expect("no other task waits");
    let play = Play::of_program(
        "A turn that is passed on",
        &run,
        "chapters/08-synchronization/src/bin/ch08-1-passed-on.rs",
        include_str!("../src/bin/ch08-1-passed-on.rs"),
        "main",
    );
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("play__passed_on", play.json()); }
    );
}
