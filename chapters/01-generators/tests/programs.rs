//! The chapter's programs print what the book says they print.

use std::process::Command;

#[test]
fn an_iterator_holds_a_place_and_not_a_list() {
    let name = "ch01-1-an-iterator";
    let printed = output(name, env!("CARGO_BIN_EXE_ch01-1-an-iterator"));
    // A part of a learner's may print lines of its own; they are not the program's.
    let ours = ["A caller wants", "a list of", "a countdown holds", "  ["];
    let is_ours = |line: &&str| line.is_empty() || ours.iter().any(|begin| line.starts_with(begin));
    let printed: Vec<&str> = printed.lines().filter(is_ours).collect();
    let printed = printed.join("\n");
    // How a place is kept is the iterator's own affair, as long as it is no list.
    let few = (1..100)
        .map(|bytes| format!("a countdown holds {bytes} bytes"))
        .find(|line| printed.lines().any(|other| other == line));
    let few = few.unwrap_or_else(|| panic!("{printed}"));
    shows(name, &printed.replace(&few, "a countdown holds 4 bytes"));
}

#[test]
fn a_generator_runs_from_one_pause_to_the_next() {
    prints("ch01-2-resume", env!("CARGO_BIN_EXE_ch01-2-resume"));
}

#[test]
fn a_value_sent_in_is_answered_by_the_next_yield() {
    prints("ch01-3-sending", env!("CARGO_BIN_EXE_ch01-3-sending"));
}

#[test]
fn a_walk_delegates_to_walks() {
    prints("ch01-4-delegation", env!("CARGO_BIN_EXE_ch01-4-delegation"));
}

#[test]
fn a_dropped_generator_gives_back_what_it_holds() {
    prints("ch01-5-closing", env!("CARGO_BIN_EXE_ch01-5-closing"));
}

#[test]
fn tasks_take_turns_and_a_greedy_one_keeps_its_own() {
    prints(
        "ch01-6-taking-turns",
        env!("CARGO_BIN_EXE_ch01-6-taking-turns"),
    );
}

#[test]
fn an_iterator_has_no_result() {
    prints("ch01-2-no-result", env!("CARGO_BIN_EXE_ch01-2-no-result"));
}

#[test]
fn a_value_left_in_a_shared_place_is_found_twice() {
    prints(
        "ch01-3-shared-cell",
        env!("CARGO_BIN_EXE_ch01-3-shared-cell"),
    );
}

#[test]
fn forwarding_only_the_yields_loses_the_answers() {
    prints("ch01-4-forwarding", env!("CARGO_BIN_EXE_ch01-4-forwarding"));
}

#[test]
fn every_value_passes_every_level() {
    prints("ch01-4-depth", env!("CARGO_BIN_EXE_ch01-4-depth"));
}

#[test]
fn a_last_step_that_is_never_reached_gives_nothing_back() {
    prints("ch01-5-last-line", env!("CARGO_BIN_EXE_ch01-5-last-line"));
}

#[test]
fn tasks_that_run_to_their_end_make_the_others_wait() {
    prints(
        "ch01-6-one-after-another",
        env!("CARGO_BIN_EXE_ch01-6-one-after-another"),
    );
}

#[test]
fn the_instrument_measures_what_it_is_asked() {
    let measured = Command::new(env!("CARGO_BIN_EXE_ch01-measure-greedy"))
        .arg("500")
        .output()
        .unwrap();
    let text = String::from_utf8(measured.stdout).unwrap();
    assert!(
        text.ends_with("longest wait of a polite task: 520 units\n"),
        "{text}"
    );
}

#[test]
fn the_instrument_refuses_what_is_no_number() {
    for arguments in [&[][..], &["many"], &["1000001"], &["-1"]] {
        let refused = Command::new(env!("CARGO_BIN_EXE_ch01-measure-greedy"))
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        assert!(
            String::from_utf8(refused.stderr)
                .unwrap()
                .starts_with("Say how many units")
        );
    }
}

/// `println!` would panic in each of them.
#[cfg(unix)]
#[test]
fn a_program_whose_output_is_closed_ends_without_a_panic() {
    let one = env!("CARGO_BIN_EXE_ch01-1-an-iterator");
    closed_output::every_program_ends_quietly(
        env!("CARGO_MANIFEST_DIR"),
        one,
        &["ch01-measure-greedy"],
    );
}

#[track_caller]
fn prints(name: &str, program: &str) {
    shows(name, &output(name, program));
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

#[track_caller]
fn shows(name: &str, printed: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, printed);
    });
}
