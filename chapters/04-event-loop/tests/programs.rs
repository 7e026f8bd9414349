//! The chapter's programs print what the book says they print.

use std::process::Command;

/// One test for each program whose output is the same everywhere.
macro_rules! programs {
    ($($promise:ident: $name:literal,)*) => {
        $(
            #[test]
            fn $promise() {
                let printed = output($name, env!(concat!("CARGO_BIN_EXE_", $name)), &[]);
                insta::with_settings!(
                    { prepend_module_to_snapshot => false, omit_expression => true },
                    { insta::assert_snapshot!($name, printed); }
                );
            }
        )*
    };
}

programs! {
    a_loop_that_polls_every_task_polls_in_vain: "ch04-1-everybody",
    each_wake_is_an_entry_in_the_queue: "ch04-2-queue",
    a_stack_starves_the_task_that_was_queued_first: "ch04-2-stack",
    one_entry_a_task_is_one_poll: "ch04-3-once",
    an_old_id_finds_no_task_in_a_slot_that_is_used_again: "ch04-3-slots",
    the_thread_sleeps_until_the_next_timer: "ch04-4-timers",
    a_turn_looks_fires_and_polls: "ch04-5-one-turn",
    an_hour_with_three_timers_is_three_sleeps: "ch04-6-an-hour",
    tasks_end_in_three_ways: "ch04-7-join",
    callbacks_are_called_soon_later_or_not_at_all: "ch04-8-callbacks",
    another_thread_comes_in_through_the_door: "ch04-8-door",
}

#[test]
fn a_loop_that_waits_for_a_thread_sleeps_meanwhile() {
    let text = output(
        "ch04-6-another-thread",
        env!("CARGO_BIN_EXE_ch04-6-another-thread"),
        &[],
    );
    let sleeps: u32 = (text.trim_end().rsplit(' ').next())
        .and_then(|number| number.parse().ok())
        .expect("the last word is a number");
    // One, as a rule; a driver may return early, and then the loop goes to sleep again.
    assert!((1..=10).contains(&sleeps), "{text}");
}

#[test]
fn the_instrument_says_what_a_greedy_task_does_to_the_others() {
    let text = output(
        "ch04-measure-greedy",
        env!("CARGO_BIN_EXE_ch04-measure-greedy"),
        &["1", "100"],
    );
    assert!(
        text.starts_with("     1 items a poll: ticks up to    44 µs late,  76.9 %"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 2, "{text}");
}

/// `println!` would panic in each of them.
#[cfg(unix)]
#[test]
fn a_program_whose_output_is_closed_ends_without_a_panic() {
    let one = env!("CARGO_BIN_EXE_ch04-1-everybody");
    closed_output::every_program_ends_quietly(env!("CARGO_MANIFEST_DIR"), one, &[]);
}

#[track_caller]
fn output(name: &str, program: &str, arguments: &[&str]) -> String {
    let run = Command::new(program).args(arguments).output().unwrap();
    assert!(
        run.status.success(),
        "{name}: {}",
        String::from_utf8_lossy(&run.stderr)
    );
    String::from_utf8(run.stdout).unwrap()
}
