//! The small commands, and what cannot be done.

use std::fs;

use crate::sample::{DOUBLE, RIGHT, Sample};

/// One sentence, status 2; with `--json` a document.
fn refused(sample: &Sample, arguments: &[&str]) -> String {
    let said = sample.learn(arguments);
    assert_eq!(
        said.status,
        Some(2),
        "{arguments:?}: {}{}",
        said.stdout,
        said.stderr
    );
    assert_eq!(said.stderr.trim().lines().count(), 1, "{}", said.stderr);
    said.stderr
}

#[test]
fn an_unknown_exercise_is_answered_with_the_closest() {
    let sample = Sample::new();
    assert!(refused(&sample, &["check", "guess-oder"]).contains("Did you mean `guess-order`?"));
    let said = sample.learn(&["check", "guess-oder", "--json"]);
    assert_eq!(said.status, Some(2));
    assert!(
        said.json()["error"]
            .as_str()
            .unwrap()
            .contains("guess-order")
    );
}

#[test]
fn an_exercise_in_the_place_of_a_command_is_answered_with_the_command() {
    let said = Sample::new().learn(&["1.1"]);
    assert_eq!(said.status, Some(2));
    assert!(
        said.stderr.contains("`cargo learn watch 1.1`"),
        "{}",
        said.stderr
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_one_sentence_and_a_closed_pipe_is_no_fault() {
    let sample = Sample::new();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let said = sample.command(&["list"]).stdout(full).output().unwrap();
    let sentence = String::from_utf8_lossy(&said.stderr);
    assert_eq!(said.status.code(), Some(2), "{sentence}");
    assert_eq!(sentence.trim().lines().count(), 1, "{sentence}");
    assert!(sentence.contains("No space left"), "{sentence}");

    let (reads, writes) = std::io::pipe().unwrap();
    drop(reads);
    let said = sample.command(&["list"]).stdout(writes).output().unwrap();
    assert_eq!((said.status.code(), &*said.stderr), (Some(0), &b""[..]));
}

#[test]
fn a_name_of_two_exercises_is_not_guessed() {
    let sentence = refused(&Sample::new(), &["hint", "double"]);
    assert!(
        sentence.contains("`first/double` or `second/double`"),
        "{sentence}"
    );
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_file_in_the_place_of_several_exercises_is_refused() {
    let sample = Sample::new();
    sample.write("elsewhere.rs", RIGHT);
    assert!(
        refused(&sample, &["check", "1.1", "1.2", "--with", "elsewhere.rs"])
            .contains("exactly one")
    );
    assert!(refused(&sample, &["check", "1.1", "--with", "nowhere.rs"]).contains("nowhere.rs"));
}

#[test]
fn an_exercise_whose_file_is_missing_a_folder_or_no_text_says_how_to_get_it_back() {
    let sample = Sample::new();
    std::fs::write(sample.path(DOUBLE), [0xff, 0xfe, 0x00]).unwrap();
    assert!(refused(&sample, &["check", "1.1"]).contains("is not UTF-8"));
    std::fs::remove_file(sample.path(DOUBLE)).unwrap();
    let missing = refused(&sample, &["check", "1.1"]);
    assert!(
        missing.contains("cargo learn reset") && !missing.contains("keeps"),
        "{missing}"
    );
    std::fs::create_dir(sample.path(DOUBLE)).unwrap();
    assert!(refused(&sample, &["check", "1.1"]).contains("is a folder"));
    assert_eq!(sample.learn(&["reset", "1.1", "--yes"]).status, Some(0));
    assert!(sample.read(DOUBLE).contains("todo!"));
}

#[test]
fn an_argument_that_is_not_understood_is_a_document_where_one_was_asked_for() {
    let sample = Sample::new();
    let said = sample.learn(&["check", "--json", "--nonsense"]);
    assert_eq!(said.status, Some(2));
    assert!(
        said.json()["error"]
            .as_str()
            .unwrap()
            .contains("--nonsense")
    );
}

#[test]
fn outside_of_the_course_it_says_so() {
    let sample = Sample::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let output = sample
        .command(&["list"])
        .current_dir(elsewhere.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not inside the course"));
}

#[test]
fn without_cargo_it_says_so() {
    let sample = Sample::new();
    let output = sample
        .command(&["check", "first/double", "--solution"])
        .env("CARGO", "/nowhere/cargo")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cargo cannot be started"));
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_build_folder_that_cannot_be_written_is_named() {
    let sample = Sample::new();
    // A file in the place of a folder refuses even the administrator.
    sample.write("not-a-folder", "");
    let output = sample
        .command(&["check", "first/double", "--solution"])
        .env("LEARN_TARGET", sample.path("not-a-folder"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be written"));
}

#[test]
fn progress_that_cannot_be_written_is_named() {
    let sample = Sample::new();
    std::fs::remove_dir_all(sample.path(".learn")).unwrap();
    sample.write(".learn", "");
    assert!(refused(&sample, &["skip", "1.1"]).contains("nothing can be remembered"));
}

#[test]
fn hints_grow_stronger_and_the_last_one_stays() {
    let sample = Sample::new();
    for (number, text) in [
        (1, "What came back?"),
        (2, "Nothing is added."),
        (3, "what?"),
        (3, "what?"),
    ] {
        let said = sample.learn(&["hint", "1.1"]);
        assert!(
            said.stdout.contains(&format!("hint {number} of 3")) && said.stdout.contains(text),
            "{}",
            said.stdout
        );
    }
}

#[test]
fn a_mistake_is_explained_with_its_includes() {
    let sample = Sample::new();
    let said = sample.learn(&["explain", "forgot-to-double"]);
    assert!(
        said.stdout.starts_with(" forgot-to-double\n") && said.stdout.contains(" number + number"),
        "{}",
        said.stdout
    );
    assert!(said.stdout.contains("Taught in First."), "{}", said.stdout);
    let list = sample.learn(&["explain"]).stdout;
    assert!(
        list.contains("forgot-to-double        The number came back as it was."),
        "{list}"
    );
    assert!(
        refused(&sample, &["explain", "forgot-to-duoble"])
            .contains("Did you mean `forgot-to-double`?")
    );
}

#[test]
fn a_mistake_is_explained_by_its_code_and_by_its_name() {
    let sample = Sample::new();
    let page = "# accept-not-retried\n\nThe loop did not try again. More.\n";
    sample.write("book/pages/mistakes/stranded.md", page);
    let by_code = sample.learn(&["explain", "stranded"]).stdout;
    assert!(by_code.starts_with(" accept-not-retried\n"), "{by_code}");
    assert_eq!(
        sample.learn(&["explain", "Accept-Not-Retried"]).stdout,
        by_code
    );
    let list = sample.learn(&["explain"]).stdout;
    assert!(list.contains("accept-not-retried      The loop"), "{list}");
    assert!(!list.contains("stranded"), "{list}");
    assert!(
        refused(&sample, &["explain", "accept-not-retreid"])
            .contains("Did you mean `accept-not-retried`?")
    );
}

#[test]
fn the_solution_is_free_once_solved_and_takes_a_yes_before() {
    let sample = Sample::new();
    assert!(refused(&sample, &["solution", "1.1"]).contains("--yes"));
    let shown = sample.learn(&["solution", "1.1", "--yes"]);
    assert!(
        shown.stdout.contains("number + number") && !shown.stdout.contains("YOURS"),
        "{}",
        shown.stdout
    );
    sample.write(DOUBLE, RIGHT);
    sample.learn(&["check", "1.1"]);
    assert_eq!(sample.learn(&["solution", "1.1"]).status, Some(0));
}

#[test]
fn reset_replaces_the_learners_version_only_after_a_yes() {
    let sample = Sample::new();
    assert_eq!(sample.learn(&["reset"]).status, Some(0), "it is the stub");
    sample.write(DOUBLE, RIGHT);
    assert!(refused(&sample, &["reset"]).contains("--yes"));
    assert_eq!(sample.read(DOUBLE), RIGHT);
    let said = sample.learn(&["reset", "--yes"]);
    assert!(said.stdout.contains(".learn/kept/"), "{}", said.stdout);
    assert!(sample.read(DOUBLE).contains("todo!"));
}

#[test]
fn without_an_id_solution_and_reset_mean_the_next_exercise_as_hint_does() {
    let sample = Sample::new();
    assert!(refused(&sample, &["solution"]).contains("first/double"));
    assert!(
        sample
            .learn(&["solution", "--yes"])
            .stdout
            .contains("number + number")
    );
    assert!(sample.learn(&["reset"]).stdout.contains(DOUBLE));
}

#[test]
fn without_a_terminal_it_says_where_one_is_and_what_is_next() {
    let said = Sample::new().learn(&[]);
    assert_eq!(said.status, Some(0));
    assert!(
        said.stdout.contains("0 of 3 solved") && said.stdout.contains("next: 1.1 first/double"),
        "{}",
        said.stdout
    );
    assert!(!said.stdout.contains('\u{1b}'), "{}", said.stdout);
}

#[test]
fn without_a_book_it_says_so() {
    assert!(refused(&Sample::new(), &["book"]).contains("There is no book here"));
}

/// The program behind `verify` belongs to the course, and the sample has none.
#[test]
fn verify_says_in_one_sentence_that_its_program_is_missing() {
    let said = Sample::new().learn(&["verify"]);
    assert_eq!(said.status, Some(2));
    assert_eq!(
        said.stderr,
        "Nothing can be verified here: tools/verify/Cargo.toml is missing.\n"
    );
}
