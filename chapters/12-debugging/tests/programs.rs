//! The chapter's programs print what the book says they print.

use std::path::Path;
use std::process::Command;

/// One test for each program whose output is the same everywhere.
macro_rules! programs {
    ($($sentence:ident: $name:literal,)*) => {
        $(
            #[test]
            fn $sentence() {
                let printed = output($name, env!(concat!("CARGO_BIN_EXE_", $name)));
                insta::with_settings!(
                    { prepend_module_to_snapshot => false, omit_expression => true },
                    { insta::assert_snapshot!($name, printed); }
                );
            }
        )*
    };
}

programs! {
    a_dump_shows_two_tasks_that_wait_for_each_others_lock: "ch12-1-it-hangs",
    three_programs_that_hang_are_told_by_their_dumps: "ch12-1-three-dumps",
    debug_mode_reports_six_faults_and_the_compiler_the_seventh: "ch12-2-debug-mode",
    two_tests_on_one_loop_see_each_other_and_two_loops_do_not: "ch12-3-left-behind",
    a_cache_is_stale_in_one_order_of_a_thousand: "ch12-4-schedules",
    the_same_steps_are_right_in_two_orders_and_stale_in_the_third: "ch12-5-by-hand",
}

#[test]
fn the_environment_turns_debug_mode_on() {
    let stderr = |value: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ch12-2-in-the-environment"));
        command.env_remove(debugging::debug_mode::VARIABLE);
        if let Some(value) = value {
            command.env(debugging::debug_mode::VARIABLE, value);
        }
        let run = command.output().unwrap();
        assert_eq!(String::from_utf8_lossy(&run.stdout), "done\n");
        String::from_utf8(run.stderr).unwrap()
    };
    for off in [None, Some(""), Some("0")] {
        assert_eq!(stderr(off), "", "{off:?}");
    }
    let reported = stderr(Some("1"));
    assert!(reported.contains("ran for 250ms in one step"), "{reported}");
    assert_eq!(reported.matches("slow").count(), 1, "{reported}");
}

/// The exercise `which-task` shows these dumps, with a shorter name for the file. Its answer has the same text; where the chapter is
/// tested alone, with parts of a learner in it, there is no answer to compare with.
#[test]
fn the_exercise_shows_the_dumps_that_the_program_prints() {
    let printed = output("three dumps", env!("CARGO_BIN_EXE_ch12-1-three-dumps"));
    let dumps = printed.replace("src/bin/ch12-1-three-dumps.rs", "program.rs");
    let answer = "../../solutions/12-debugging/src/which_task.rs";
    let answer = Path::new(env!("CARGO_MANIFEST_DIR")).join(answer);
    let Ok(text) = std::fs::read_to_string(answer) else {
        return;
    };
    let shown: String = text
        .lines()
        .skip_while(|line| *line != "//! ```text")
        .skip(1)
        .take_while(|line| *line != "//! ```")
        .map(|line| {
            line.trim_start_matches("//!")
                .trim_start_matches(' ')
                .to_owned()
                + "\n"
        })
        .collect();
    let flat = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.trim().to_owned());
        lines.filter(|line| !line.is_empty()).collect()
    };
    assert_eq!(flat(&shown), flat(&dumps));
}

/// `println!` would panic in each of them.
#[cfg(unix)]
#[test]
fn a_program_whose_output_is_closed_ends_without_a_panic() {
    let one = env!("CARGO_BIN_EXE_ch12-1-it-hangs");
    closed_output::every_program_ends_quietly(
        env!("CARGO_MANIFEST_DIR"),
        one,
        &["ch12-1-kitchen", "ch12-top"],
    );
}

#[track_caller]
fn output(name: &str, program: &str) -> String {
    let run = Command::new(program).output().unwrap();
    assert!(
        run.status.success(),
        "{name}: {}",
        String::from_utf8_lossy(&run.stderr)
    );
    String::from_utf8(run.stdout).unwrap()
}
