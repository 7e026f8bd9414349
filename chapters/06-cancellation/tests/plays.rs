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

#[path = "../src/bin/ch06-4-cancel.rs"]
#[allow(dead_code)]
mod cancel;

#[test]
fn a_task_that_is_cancelled_while_suspended_can_be_played() {
    let run = Run::watching("src/bin/ch06-4-cancel.rs");
    let sim = SimLoop::new(&run);
    for name in ["main", "work"] {
        sim.recorded().next_task(name);
    }
    let _main = sim.handle().spawn(cancel::while_suspended(sim.handle()));
    let over = || sim.recorded().alive().is_empty();
    recorded(&run, || sim.run_until(over)).expect("no other task waits");
    let play = Play::of_program(
        "A task that is cancelled while it is suspended",
        &run,
        "chapters/06-cancellation/src/bin/ch06-4-cancel.rs",
        include_str!("../src/bin/ch06-4-cancel.rs"),
        "main",
    );
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("play__cancelled", play.json()); }
    );
}
