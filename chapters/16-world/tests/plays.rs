//! What the book plays: a run of one of the chapter's programs, step by step.
//!
//! The lines of the source come from the debug information that tests are built with.
#![cfg(all(debug_assertions, feature = "http"))]

use picture::Play;
use probe::Run;
use probe::program::recorded;
use probe_loop::SimLoop;

/// What the program prints is recorded.
#[collapse_debuginfo(yes)]
macro_rules! println {
    ($($line:tt)*) => { probe::program::prints(format!($($line)*)) };
}

#[path = "../src/bin/ch16-10-a-request.rs"]
#[allow(dead_code)]
mod a_request;

#[test]
fn one_request_through_hyper_can_be_played() {
    let run = Run::watching("src/bin/ch16-10-a-request.rs");
    let sim = SimLoop::new(&run);
    for name in ["caller", "server", "client"] {
        sim.recorded().next_task(name);
    }
    sim.recorded().next_timer("handler");
    let _asked = sim.handle().spawn(a_request::ask(sim.handle()));
    let over = || sim.recorded().alive().is_empty();
    recorded(&run, || sim.run_until(over)).expect("no other task waits");
    let play = Play::of_program(
        "One request, and the three tasks that carry it",
        &run,
        "chapters/16-world/src/bin/ch16-10-a-request.rs",
        include_str!("../src/bin/ch16-10-a-request.rs"),
        "request",
    );
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("play__a_request", play.json()); }
    );
}
