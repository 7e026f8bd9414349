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

#[path = "../src/bin/ch11-3-lifecycle.rs"]
#[allow(dead_code)]
mod lifecycle;

#[test]
fn a_service_that_fails_to_start_and_one_that_fails_to_stop_can_be_played() {
    let run = Run::watching("src/bin/ch11-3-lifecycle.rs");
    let sim = SimLoop::new(&run);
    sim.recorded().next_task("service");
    let _service = sim.handle().spawn(lifecycle::both(sim.handle()));
    let over = || sim.recorded().alive().is_empty();
    recorded(&run, || sim.run_until(over)).expect("no other task waits");
    let play = Play::of_program(
        "A service that does not start, and one that does not stop well",
        &run,
        "chapters/11-service/src/bin/ch11-3-lifecycle.rs",
        include_str!("../src/bin/ch11-3-lifecycle.rs"),
        "parts",
    );
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("play__lifecycle", play.json()); }
    );
}
