//! What the book plays, step by step.
//!
//! The lines of the source come from the debug information that tests are built with.
#![cfg(debug_assertions)]

use picture::Play;
use probe::Run;
use probe::program::recorded;

/// What the programs print is recorded.
#[collapse_debuginfo(yes)]
macro_rules! println {
    ($($line:tt)*) => { probe::program::prints(format!($($line)*)) };
}

#[path = "../src/bin/ch14-3-decimal.rs"]
#[allow(dead_code)]
mod decimal;

#[test]
fn a_decimal_wheel_can_be_played() {
    let run = Run::watching("src/bin/ch14-3-decimal.rs");
    recorded(&run, decimal::main);
    let play = Play::of_program(
        "A wheel that counts in tens",
        &run,
        "chapters/14-speed/src/bin/ch14-3-decimal.rs",
        include_str!("../src/bin/ch14-3-decimal.rs"),
        "main",
    );
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("play__decimal_wheel", play.json()); }
    );
}

// Counts of the reference: a part of a learner's may allocate where it does not.
#[path = "fast/allocations.rs"]
mod allocations;

probe::programs! {
    a_waker_that_is_reused_saves_a_task_one_allocation: "ch14-2-allocations",
}
