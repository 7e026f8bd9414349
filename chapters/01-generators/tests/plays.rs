//! What the book plays: runs of the chapter's machines, step by step.
//!
//! The lines of the source come from the debug information that tests are built with.
#![cfg(debug_assertions)]

use generators::interview::Interview;
use generators::round_robin::RoundRobin;
use picture::Play;
use probe::Run;
use probe::program::recorded;
use probe_generators::{script, spy};

/// What the programs print is recorded.
#[collapse_debuginfo(yes)]
macro_rules! println {
    ($($line:tt)*) => { probe::program::prints(format!($($line)*)) };
}

#[path = "../src/bin/ch01-4-forwarding.rs"]
#[allow(dead_code)]
mod forwarding;

#[test]
fn a_survey_that_loses_the_answers_can_be_played() {
    let run = Run::watching("src/bin/ch01-4-forwarding.rs");
    let survey = forwarding::Survey {
        interview: spy(&run, "interview", Interview::new()),
    };
    recorded(&run, || forwarding::answer(spy(&run, "survey", survey)));
    snapshot(
        "play__forwarding",
        &Play::of_program(
            "A survey that resumes an interview, and passes on only its questions",
            &run,
            "chapters/01-generators/src/bin/ch01-4-forwarding.rs",
            include_str!("../src/bin/ch01-4-forwarding.rs"),
            "",
        ),
    );
}

#[test]
fn three_tasks_that_take_turns_can_be_played() {
    let run = Run::watching("tests/plays.rs");
    let mut tasks = RoundRobin::new();
    for (name, yields) in [("a", 2), ("b", 1), ("c", 0)] {
        tasks.spawn(Box::new(spy(&run, name, script(1..=yields, ()))));
    }
    while tasks.turn().is_some() {}
    let recording = run.recorder().recording();
    snapshot(
        "play__turn_order",
        &Play::of("Three tasks that take turns", &recording, None, None),
    );
}

fn snapshot(name: &str, play: &Play) {
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!(name, play.json()); }
    );
}
