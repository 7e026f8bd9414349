//! The watch mode in a real pseudo-terminal.

use std::fs;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::debugging::faulty;
use crate::sample::{DOUBLE, FORGOT, RIGHT, Sample};
use crate::saves::{make_pipe, waiting};
use crate::terminal::Session;

const LEARN: &str = env!("CARGO_BIN_EXE_learn");

/// What a shell says about the terminal: whether it hands over lines, and echoes.
const SETTINGS: &str = "stty -a | tr ';' '\\n' | grep -E 'icanon|echo '";

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn from_the_first_failure_to_the_next_exercise() {
    let sample = Sample::new();
    let mut session = Session::start(&sample, &[]);
    session.expect_taken();
    session.expect("Not started yet. This is expected");
    session.expect("── watching");
    sample.write(DOUBLE, FORGOT);
    session.expect("forgot-to-double");
    session.expect("x explain");
    session.press("x");
    session.expect("Nothing was added.");
    session.press("h");
    session.expect("Hint 1 of 3");
    session.expect("What came back?");
    session.press("n");
    session.expect("not solved yet");
    sample.write(DOUBLE, RIGHT);
    session.expect("✓ 1.1 ");
    session.expect("The reference adds the number to itself.");
    session.expect("1 of 3 solved");
    session.expect("n next: 1.2 guess-order");
    // It is recorded by now, and not when the session ends.
    assert!(
        sample
            .read(".learn/progress")
            .contains("solved first/double")
    );
    session.press("n");
    session.expect("exercises/01-first/src/guess_order.rs");
    session.press("q");
    session.expect_given_back();
    assert!(session.end().success());
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn an_untouched_hunt_shows_its_run_and_a_touched_one_its_mistake() {
    let sample = faulty("number");
    let mut session = Session::start(&sample, &[]);
    session.expect("is plausible");
    session.expect("2 becomes 2");
    session.expect("Read first");
    session.expect("h hint (1 of 3)");
    session.press("x");
    session.expect("names no mistake");
    sample.write(DOUBLE, FORGOT);
    session.expect("forgot-to-double");
    session.press("q");
    assert!(session.end().success());
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn an_editor_that_replaces_the_file_is_noticed() {
    let sample = Sample::new();
    let mut session = Session::start(&sample, &[]);
    session.expect("Not started yet");
    sample.write("exercises/01-first/src/.double.rs.swp", FORGOT);
    fs::remove_file(sample.path(DOUBLE)).unwrap();
    fs::rename(
        sample.path("exercises/01-first/src/.double.rs.swp"),
        sample.path(DOUBLE),
    )
    .unwrap();
    session.expect("forgot-to-double");
    session.press("q");
    assert!(session.end().success());
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_save_during_a_run_stops_it_and_is_judged() {
    let sample = Sample::new();
    let pipe = make_pipe(&sample);
    let mut session = Session::start(&sample, &["watch", "--poll"]);
    session.expect("Not started yet");
    sample.write(DOUBLE, &waiting(&pipe));
    let mut writer = OpenOptions::new().write(true).open(&pipe).unwrap();
    fs::remove_file(&pipe).unwrap();
    sample.write(DOUBLE, FORGOT);
    session.expect("forgot-to-double");
    assert!(writer.write_all(b"anybody?").is_err());
    session.press("q");
    assert!(session.end().success());
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_verdict_whose_file_has_been_replaced_is_marked_until_the_next_one_comes() {
    let sample = Sample::new();
    let pipe = make_pipe(&sample);
    sample.write(DOUBLE, FORGOT);
    let mut session = Session::start(&sample, &["watch", "--poll"]);
    session.expect("✗ 1.1 ");
    // The new version runs until the pipe is written to.
    sample.write(DOUBLE, &waiting(&pipe));
    session.expect("checking your new version; below is the verdict on the one before");
    session.expect_gone("✗ 1.1 ");
    session.expect("forgot-to-double");
    let mut writer = OpenOptions::new().write(true).open(&pipe).unwrap();
    fs::remove_file(&pipe).unwrap();
    writer.write_all(b"go on").unwrap();
    drop(writer);
    session.expect("✓ 1.1 ");
    session.expect_gone("forgot-to-double");
    fs::remove_file(sample.path(DOUBLE)).unwrap();
    session.expect("the file is gone; below: the version before");
    session.expect("z writes the stub again");
    session.expect_gone("✓ 1.1 ");
    sample.write(DOUBLE, FORGOT);
    session.expect("✗ 1.1 ");
    session.press("q");
    assert!(session.end().success());
}

/// A session that a shell starts, which writes down the terminal's settings before and after.
fn between_settings(sample: &Sample) -> Session {
    let script =
        format!("{SETTINGS} > before; \"$0\"; echo left $?; {SETTINGS} > after; echo done");
    Session::start_program(sample, "sh", &["-c", &script, LEARN], &[])
}

#[track_caller]
fn settings_are_the_same(sample: &Sample, after: &str) {
    assert!(!sample.read("before").is_empty());
    assert_eq!(sample.read("before"), sample.read(after));
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn control_c_gives_the_terminal_back() {
    let sample = Sample::new();
    let mut session = between_settings(&sample);
    session.expect_taken();
    session.expect("── watching");
    session.press("\u{3}");
    session.expect_given_back();
    session.expect("left 0");
    session.expect("done");
    assert!(session.end().success());
    settings_are_the_same(&sample, "after");
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_signal_from_another_process_restores_the_terminal() {
    let sample = Sample::new();
    let mut session = between_settings(&sample);
    session.expect_taken();
    session.expect("── watching");
    let ended = Command::new("pkill")
        .args(["-TERM", "-P", &session.process_id().to_string()])
        .status()
        .expect("pkill is there");
    assert!(ended.success());
    session.expect_given_back();
    session.expect("done");
    assert!(session.end().success());
    settings_are_the_same(&sample, "after");
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn control_z_gives_the_terminal_back_until_fg() {
    let sample = Sample::new();
    let script = format!(
        "set -m; {SETTINGS} > before; \"$0\"; {SETTINGS} > stopped; echo in the shell; read line; fg; echo left $?"
    );
    let mut session = Session::start_program(&sample, "sh", &["-c", &script, LEARN], &[]);
    session.expect_taken();
    session.expect("── watching");
    session.press("\u{1a}");
    session.expect_given_back();
    session.expect("in the shell");
    settings_are_the_same(&sample, "stopped");
    session.press("\n");
    session.expect_taken();
    session.expect("── watching");
    session.press("q");
    session.expect_given_back();
    session.expect("left 0");
    assert!(session.end().success());
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn an_editor_has_the_terminal_for_itself_and_what_it_saved_is_judged() {
    let sample = Sample::new();
    let editor = sample.path("editor");
    let script = format!(
        "#!/bin/sh\n{SETTINGS} > in-the-editor\necho here is the editor\nread line\ncp forgot \"$1\"\n"
    );
    fs::write(&editor, script).unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
    sample.write("forgot", FORGOT);
    let run = format!("{SETTINGS} > before; exec \"$0\"");
    let editor = editor.display().to_string();
    let mut session =
        Session::start_program(&sample, "sh", &["-c", &run, LEARN], &[("EDITOR", &*editor)]);
    session.expect("── watching");
    session.press("e");
    session.expect_given_back();
    session.expect("here is the editor");
    settings_are_the_same(&sample, "in-the-editor");
    session.press("\n");
    session.expect_taken();
    session.expect("forgot-to-double");
    session.press("q");
    session.expect_given_back();
    assert!(session.end().success());
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_verdict_is_arranged_anew_in_a_window_of_another_size() {
    let sample = Sample::new();
    sample.write(DOUBLE, FORGOT);
    let mut session = Session::start(&sample, &[]);
    session.expect("✗ 1.1 ");
    session.resize(24, 80);
    session.expect("✗ 1.1 first/double");
    session.expect("of 3 tests pass");
    session.expect("exercises/01-first/src/double.rs");
    session.expect("q quit");
    session.resize(50, 200);
    // The map stands beside it.
    session.expect("▸ ◐ 1.1 ");
    session.resize(10, 40);
    session.expect("This window is too small");
    session.resize(24, 80);
    session.expect("forgot-to-double");
    session.press("q");
    assert!(session.end().success());
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_deleted_file_comes_back_as_the_stub_and_one_that_is_no_text_is_said_to_be_none() {
    let sample = Sample::new();
    sample.write(DOUBLE, FORGOT);
    let mut session = Session::start(&sample, &["watch", "--poll"]);
    session.expect("✗ 1.1 ");
    fs::write(sample.path(DOUBLE), b"pub fn \xff").unwrap();
    session.expect("the file is not UTF-8");
    session.expect("is not UTF-8 text, so it cannot be compiled");
    fs::remove_file(sample.path(DOUBLE)).unwrap();
    session.expect("z bring the stub back");
    session.press("z");
    session.expect("Write the stub of 1.1 first/double again");
    session.press("y");
    session.expect("is the stub");
    session.expect("not started");
    assert!(sample.read(DOUBLE).contains("todo!"));
    session.press("q");
    assert!(session.end().success());
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn after_success_the_reference_stands_beside_the_learners_file() {
    let sample = Sample::new();
    sample.write(DOUBLE, RIGHT);
    let mut session = Session::start(&sample, &[]);
    session.expect("✓ 1.1 ");
    session.expect("c compare");
    session.press("c");
    session.expect("your file and the reference");
    session.press("q");
    assert!(session.end().success());
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn the_list_finds_an_exercise_by_its_words_and_opens_it() {
    let sample = Sample::new();
    let mut session = Session::start(&sample, &[]);
    session.expect("── watching");
    session.press("l");
    session.expect("3 of 3 shown");
    session.press("again");
    session.expect("1 of 3 shown");
    session.press("\r");
    session.expect("exercises/02-second/src/double.rs");
    session.press("\u{1b}[D");
    session.expect("exercises/01-first/src/guess_order.rs");
    session.press("q");
    assert!(session.end().success());
    assert!(!sample.read(".learn/progress").contains("skipped"));
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn what_is_put_back_to_its_beginning_is_kept_aside() {
    let sample = Sample::new();
    sample.write(DOUBLE, FORGOT);
    let mut session = Session::start(&sample, &["watch", "first/double"]);
    session.expect("✗ 1.1 ");
    session.press("z");
    session.expect("back to its beginning?");
    session.press("n");
    session.expect_gone("back to its beginning?");
    assert_eq!(sample.read(DOUBLE), FORGOT);
    session.press("z");
    session.expect("back to its beginning?");
    session.press("y");
    session.expect("is the stub again. Your version is kept as .learn/kept/");
    session.expect("Not started yet");
    session.press("q");
    assert!(session.end().success());
    assert!(sample.read(DOUBLE).contains("todo!"));
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn all_keys_are_listed_and_the_answer_is_shown_after_a_question() {
    let sample = Sample::new();
    let mut session = Session::start(&sample, &["watch", "first/double"]);
    session.expect("── watching");
    session.press("?");
    session.expect("skip this one");
    session.press("s");
    session.expect("Show the answer now?");
    session.press("y");
    session.expect("number + number");
    session.press("b");
    session.expect("book/pages/01-first/index.md");
    session.press("k");
    session.expect("? Nothing is lost");
    session.press("y");
    session.expect("exercises/01-first/src/guess_order.rs");
    session.press("q");
    assert!(session.end().success());
    assert!(
        sample
            .read(".learn/progress")
            .contains("skipped first/double")
    );
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn after_the_last_hint_the_next_one_is_said_to_be_the_last_again() {
    let sample = Sample::new();
    let mut session = Session::start(&sample, &["watch", "first/double"]);
    session.expect("── watching");
    for hint in ["What came back?", "Nothing is added.", "Hint 3 of 3"] {
        session.press("h");
        session.expect(hint);
    }
    session.press("h");
    session.expect("the last hint again");
    session.press("q");
    assert!(session.end().success());
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn the_run_of_what_was_saved_is_drawn() {
    let sample = Sample::new();
    sample.write(DOUBLE, FORGOT);
    let mut session = Session::start(&sample, &[]);
    session.expect("✗ 1.1 ");
    session.press("t");
    session.expect("your run");
    session.expect("2 becomes 2");
    session.expect("Esc back");
    session.press("q");
    assert!(session.end().success());
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn without_colours_the_terminal_is_asked_for_none() {
    let sample = Sample::new();
    sample.write(DOUBLE, FORGOT);
    let mut session = Session::start_program(&sample, LEARN, &[], &[("NO_COLOR", "1")]);
    session.expect("✗ 1.1 ");
    session.press("q");
    session.expect_given_back();
    let written = String::from_utf8_lossy(&session.written).into_owned();
    let coloured = |code: &str| written.contains(code);
    assert!(
        !coloured("\u{1b}[31m") && !coloured("\u{1b}[38;5;"),
        "{written}"
    );
    assert!(session.end().success());
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_terminal_that_can_only_add_lines_gets_lines() {
    let sample = Sample::new();
    let mut session = Session::start_program(&sample, LEARN, &[], &[("TERM", "dumb")]);
    session.expect("This terminal has no full screen");
    sample.write(DOUBLE, FORGOT);
    session.expect("forgot-to-double");
    session.press("\u{3}");
    assert!(!session.written.contains(&0x1b));
    assert!(session.end().success());
}
