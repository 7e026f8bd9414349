//! The chapter's programs print what the book says they print.

use std::process::Command;

macro_rules! prints {
    ($($sentence:ident: $name:literal,)*) => {$(
        #[test]
        fn $sentence() {
            prints($name, env!(concat!("CARGO_BIN_EXE_", $name)));
        }
    )*};
}

prints! {
    a_future_that_is_never_polled_does_nothing: "ch02-1-never-awaited",
    a_future_runs_from_one_pause_to_the_next: "ch02-1-poll-by-hand",
    poll_is_resume_with_another_argument: "ch02-1-both-protocols",
    without_a_state_each_poll_begins_at_the_first_line: "ch02-2-starts-over",
    a_function_with_two_awaits_and_a_branch_pauses_where_its_children_do: "ch02-2-refresh",
    a_dropped_machine_gives_back_what_its_state_holds: "ch02-3-dropped",
    a_borrow_may_live_across_a_pause: "ch02-4-borrowed",
    polls_are_counted_from_outside: "ch02-4-counted",
    two_that_are_joined_wait_at_the_same_time: "ch02-5-one-after-the-other",
    the_loser_takes_with_it_what_it_had_read: "ch02-5-lost-bytes",
}

#[test]
fn a_note_that_was_moved_does_not_find_its_place() {
    prints("ch02-4-moved", env!("CARGO_BIN_EXE_ch02-4-moved"));
}

#[test]
fn the_instruments_for_sizes_print_a_line_for_each_machine() {
    for (program, lines) in [
        (env!("CARGO_BIN_EXE_ch02-3-sizes"), 10),
        (env!("CARGO_BIN_EXE_ch02-3-measure-size"), 3),
    ] {
        let printed = Command::new(program).output().unwrap().stdout;
        assert_eq!(String::from_utf8(printed).unwrap().lines().count(), lines);
    }
}

/// `println!` would panic in each of them.
#[cfg(unix)]
#[test]
fn a_program_whose_output_is_closed_ends_without_a_panic() {
    let one = env!("CARGO_BIN_EXE_ch02-1-both-protocols");
    closed_output::every_program_ends_quietly(env!("CARGO_MANIFEST_DIR"), one, &[]);
}

#[track_caller]
fn prints(name: &str, program: &str) {
    let run = Command::new(program).output().unwrap();
    assert!(
        run.status.success(),
        "{name}: {}",
        String::from_utf8_lossy(&run.stderr)
    );
    let printed = String::from_utf8(run.stdout).unwrap();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, printed);
    });
}
