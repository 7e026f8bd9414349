//! What the book plays: a run of one of the chapter's programs, step by step.
//!
//! The lines of the source come from the debug information that tests are built with.
#![cfg(debug_assertions)]

use picture::Play;
use probe::Run;
use probe::program::recorded;
use probe_futures::spy;

/// What the program prints is recorded.
#[collapse_debuginfo(yes)]
macro_rules! println {
    ($($line:tt)*) => { probe::program::prints(format!($($line)*)) };
}

#[path = "../src/bin/ch02-1-poll-by-hand.rs"]
#[allow(dead_code)]
mod poll_by_hand;

#[test]
fn a_function_that_pauses_twice_can_be_played() {
    let run = Run::watching("src/bin/ch02-1-poll-by-hand.rs");
    let tea = spy(&run, "tea", poll_by_hand::tea());
    recorded(&run, || poll_by_hand::poll_to_the_end(tea));
    let play = Play::of_program(
        "An async fn that pauses twice, polled by hand",
        &run,
        "chapters/02-state-machines/src/bin/ch02-1-poll-by-hand.rs",
        include_str!("../src/bin/ch02-1-poll-by-hand.rs"),
        "",
    );
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("play__poll_by_hand", play.json()); }
    );
}
