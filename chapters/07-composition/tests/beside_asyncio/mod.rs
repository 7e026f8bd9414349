//! What asyncio does beside what this course does, for small programs that exist in both.
//!
//! `asyncio/cases.py` holds the programs in Python, and the modules below hold them in Rust, under the same names. Each says
//! what it does, with the time. On both sides the clock jumps. The lines have to be the same, or a page of the book explains
//! the difference: [`DIFFERS`].

pub(crate) mod harness;
mod loops;
mod tasks;
mod waits;

use harness::{Comparison, of_asyncio, pages, python};

/// The programs whose lines differ, and the page that says why.
const DIFFERS: [(&str, &str); 8] = [
    (
        "timers_of_one_instant_fire_in_the_order_of_their_making",
        "04-event-loop/timer-set.md",
    ),
    ("a_suspended_task_is_cancelled", "06-cancellation/cancel.md"),
    ("a_task_is_cancelled_twice", "06-cancellation/cancel.md"),
    ("clean_up_that_waits", "06-cancellation/cleanup.md"),
    (
        "gather_passes_on_the_first_error",
        "07-composition/several-answers.md",
    ),
    ("a_time_out_of_zero", "07-composition/how-long.md"),
    (
        "the_work_is_ready_at_its_deadline",
        "07-composition/how-long.md",
    ),
    (
        "a_value_and_a_request_to_stop_arrive_together",
        "07-composition/a-race.md",
    ),
];

/// A program that changed between versions of Python.
const BY_VERSION: [&str; 1] = ["a_value_and_a_request_to_stop_arrive_together"];

fn comparison() -> Comparison {
    Comparison {
        programs: [loops::ALL, tasks::ALL, waits::ALL].concat(),
        cases: "asyncio/cases.py",
        differs: &DIFFERS,
        by_version: &BY_VERSION,
    }
}

#[test]
fn the_programs_say_what_they_said_before() {
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("beside_asyncio", comparison().ours()); }
    );
}

#[test]
fn asyncio_says_the_same_or_a_page_explains_the_difference() {
    comparison().compare();
}

#[test]
fn a_page_shows_what_a_python_program_prints() {
    let Some((version, _)) = of_asyncio("asyncio/cases.py") else {
        return;
    };
    for (program, page, since) in [
        (
            "asyncio/gather_siblings.py",
            "07-composition/several-answers.md",
            "3.",
        ),
        (
            "asyncio/wait_for_race.py",
            "07-composition/a-race.md",
            "3.11",
        ),
    ] {
        if !version.starts_with(since) {
            continue;
        }
        let run = python("asyncio/run.py", Some(program)).expect("it ran before");
        let printed = String::from_utf8_lossy(&run.stdout).into_owned();
        let text = std::fs::read_to_string(pages().join(page)).expect("the page is there");
        assert!(
            run.status.success() && text.contains(&printed),
            "{page} does not show what {program} prints:\n{printed}"
        );
    }
}
