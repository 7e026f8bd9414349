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

#[path = "../src/bin/ch10-3-slow-body.rs"]
#[allow(dead_code)]
mod slow_body;

#[test]
fn a_download_that_is_not_polled_while_a_page_is_stored_can_be_played() {
    let run = Run::watching("src/bin/ch10-3-slow-body.rs");
    let sim = SimLoop::new(&run);
    sim.recorded().next_task("main");
    let _main = sim.handle().spawn(slow_body::pages(sim.handle()));
    let over = || sim.recorded().alive().is_empty();
    recorded(&run, || sim.run_until(over)).expect("no other task waits");
    let play = Play::of_program(
        "Two downloads in flight, and a slow body",
        &run,
        "chapters/10-streams/src/bin/ch10-3-slow-body.rs",
        include_str!("../src/bin/ch10-3-slow-body.rs"),
        "main",
    );
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("play__slow_body", play.json()); }
    );
}
