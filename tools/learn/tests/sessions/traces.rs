//! `cargo learn trace`, and the picture in a verdict.

use crate::sample::{DOUBLE, FORGOT, RIGHT, Sample};

/// A check in which a task waits and is woken; a number that comes back unchanged wakes another task.
const CHECK: &str = r#"
use super::subject::double;
use probe::{run, snapshot};

#[test]
fn a_number_is_doubled() {
    let run = run!();
    assert_eq!(double(0), 0);
}

#[test]
fn the_last_caller_is_told() {
    let run = run!("two");
    let recorder = run.recorder();
    for caller in ["A", "B"] {
        recorder.enters("answer", format!("polled by {caller}")).returns("pending");
    }
    let call = recorder.enters("number", "arrives");
    recorder.wakes(if double(2) == 4 { "B" } else { "A" });
    call.returns("done");
    if double(2) == 2 {
        run.diagnose("forgot-to-double", "The number came back as it was.");
    }
    recorder.enters("answer", "polled by B").returns("ready(4)");
    snapshot!(run);
}

#[test]
fn the_last_caller_is_told_again() {
    let run = run!("several");
    run.recorder().says("double", format!("2 becomes {}", double(2)));
    snapshot!(run);
}
"#;

const TWO: &str = "---\nsource: x\n---\n 1  answer  polled by A → pending\n 2  answer  polled by B → pending\n \
                   3  number  arrives\n 4  B         woken\n 5  number  → done\n 6  answer  polled by B → ready(4)\n";

const SEVERAL: &str = "---\nsource: x\n---\n 1  double  2 becomes 4\n";

/// A course in which `double` has that check.
fn sample() -> Sample {
    let sample = Sample::new();
    sample.write("exercises/01-first/checks/double.rs", CHECK);
    sample.write("exercises/01-first/checks/snapshots/double__two.snap", TWO);
    sample.write(
        "exercises/01-first/checks/snapshots/double__several.snap",
        SEVERAL,
    );
    sample.generate_sums();
    sample
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_failed_test_is_drawn_with_the_mistake_below_it() {
    let sample = sample();
    sample.write(DOUBLE, FORGOT);
    let said = sample.learn(&["trace", "first/double", "--ascii"]);
    assert_eq!(said.status, Some(1), "{}", said.stderr);
    let picture = said
        .stdout
        .split_once("the last caller is told\n")
        .expect("the test is named")
        .1;
    assert_eq!(
        picture,
        "
         1         2         3         4         5 here
 answer  [pending] [pending].......................................
 A       [pending]                     ^-x
 B                 [pending]...........|..................... waits
 number                      [arrives==+=================]

 .. waits   ^v* woken   -x no poll follows
 The wake at 4 went to A, which does not wait any more: no poll followed.
 At the end, B waits for answer, and nothing has woken it.

 forgot-to-double
 The number came back as it was.
"
    );
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn where_all_tests_pass_the_run_with_the_most_wakes_is_drawn() {
    let sample = sample();
    sample.write(DOUBLE, RIGHT);
    let said = sample.learn(&["trace", "first/double"]);
    assert_eq!(said.status, Some(0), "{}", said.stderr);
    assert!(
        said.stdout.contains("the last caller is told\n"),
        "{}",
        said.stdout
    );
    assert!(
        said.stdout.contains("The answer's run is the same."),
        "{}",
        said.stdout
    );
    let list = sample.learn(&["list", "--json"]).json();
    assert_eq!(
        list[0]["state"], "unfinished",
        "drawing is not solving: {list}"
    );
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn once_it_is_solved_the_answers_run_is_drawn_as_well() {
    let sample = sample();
    sample.write("elsewhere.rs", FORGOT);
    let before = sample.learn(&["trace", "first/double", "--with", "elsewhere.rs"]);
    assert!(
        !before.stdout.contains("the answer's run"),
        "{}",
        before.stdout
    );
    sample.write(DOUBLE, RIGHT);
    assert_eq!(sample.learn(&["check", "first/double"]).status, Some(0));
    let after = sample.learn(&["trace", "first/double", "--with", "elsewhere.rs"]);
    assert_eq!(after.status, Some(1));
    assert!(
        after.stdout.contains("your run\n") && after.stdout.contains("the answer's run\n"),
        "{}",
        after.stdout
    );
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_stub_and_a_file_that_does_not_compile_have_no_run() {
    let sample = sample();
    let stub = sample.learn(&["trace", "first/double"]);
    assert_eq!(stub.status, Some(1));
    assert!(stub.stdout.contains("Not started yet"), "{}", stub.stdout);
    sample.write(
        DOUBLE,
        "pub fn double(number: u32) -> u32 {\n    number + \n}\n",
    );
    let broken = sample.learn(&["trace", "first/double"]);
    assert_eq!(broken.status, Some(1));
    assert!(
        broken.stdout.contains("expected expression"),
        "{}",
        broken.stdout
    );
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn tests_are_listed_and_chosen_by_number_or_words() {
    let sample = sample();
    sample.write(DOUBLE, RIGHT);
    let trace = |more: &[&str]| sample.learn(&[&["trace", "first/double"], more].concat());
    assert_eq!(
        trace(&["--list"]).stdout,
        " ✓  1 a number is doubled   (no run)\n ✓  2 the last caller is told\n ✓  3 the last caller is told again\n"
    );
    assert!(trace(&["--test", "3"]).stdout.contains("2 becomes 4"));
    assert!(
        trace(&["--test", "TOLD AGAIN"])
            .stdout
            .contains("2 becomes 4")
    );
    assert!(
        trace(&["--test", "1"])
            .stdout
            .contains("This test recorded no run.")
    );
    let several = trace(&["--test", "last caller"]);
    assert_eq!((several.status, several.stdout.as_str()), (Some(2), ""));
    assert!(
        several.stderr.starts_with("2 tests say `last caller`"),
        "{}",
        several.stderr
    );
    assert_eq!(trace(&["--test", "thrice"]).status, Some(2));
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_trace_file_and_an_image_are_written_and_written_again() {
    let sample = sample();
    sample.write(DOUBLE, FORGOT);
    for _ in 0..2 {
        let said = sample.learn(&[
            "trace",
            "first/double",
            "--chrome",
            "run.json",
            "--svg",
            "run.svg",
        ]);
        assert_eq!(said.status, Some(1), "{}", said.stderr);
    }
    let trace: serde_json::Value =
        serde_json::from_str(&sample.read("run.json")).expect("it is JSON");
    assert!(
        trace["traceEvents"]
            .as_array()
            .is_some_and(|events| !events.is_empty())
    );
    assert!(sample.read("run.svg").starts_with("<svg "));
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_page_is_written_in_which_the_run_is_stepped_through_beside_the_source() {
    let sample = sample();
    sample.write(DOUBLE, FORGOT);
    for _ in 0..2 {
        let said = sample.learn(&["trace", "first/double", "--html", "run.html"]);
        assert_eq!(said.status, Some(1), "{}", said.stderr);
        let path = sample.path("run.html");
        let sentence = format!(
            "run.html is written: open it in your browser and step through the run. It is\n {}\n",
            path.display()
        );
        assert!(said.stdout.ends_with(&sentence), "{}", said.stdout);
    }
    let page = sample.read("run.html");
    for part in [
        "<h1>1.1 first/double: the last caller is told</h1>\n<p>",
        "<run-player id=\"run-player\">",
        &format!("\"source\":{{\"path\":\"{DOUBLE}\""),
        "\"track\":\"A\",\"text\":\"woken\",\"depth\":1,\"line\":null,",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn nothing_of_another_kind_is_overwritten() {
    let sample = sample();
    sample.write(DOUBLE, FORGOT);
    let said = sample.learn(&["trace", "first/double", "--chrome", DOUBLE]);
    assert_eq!(said.status, Some(2));
    assert_eq!(
        said.stderr,
        format!("{DOUBLE} is there already, and is something else: choose another name.\n")
    );
    assert_eq!(sample.read(DOUBLE), FORGOT);
    for (path, sentence) in [
        (
            "nowhere/run.svg",
            "nowhere/run.svg cannot be written: there is no such folder.\n",
        ),
        (
            "exercises",
            "exercises is a folder: say which file to write.\n",
        ),
    ] {
        let said = sample.learn(&["trace", "first/double", "--svg", path]);
        assert_eq!((said.status, said.stderr.as_str()), (Some(2), sentence));
    }
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_verdict_has_the_picture_where_a_task_is_woken() {
    let sample = sample();
    sample.write("elsewhere.rs", FORGOT);
    let said = sample.learn(&["check", "first/double", "--with", "elsewhere.rs"]);
    let (lines, picture) = said
        .stdout
        .split_once("◂── here")
        .expect("the run is there");
    assert!(lines.contains("4  A         woken"), "{lines}");
    assert!(
        picture.contains("▲─✗") && picture.contains("┄ waits\n") && !picture.contains("At the end"),
        "{picture}"
    );
    assert!(said.stdout.lines().count() <= 24, "{}", said.stdout);
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_verdict_has_none_where_the_lines_say_it_all() {
    let sample = Sample::new();
    sample.write("elsewhere.rs", FORGOT);
    let said = sample.learn(&["check", "first/double", "--with", "elsewhere.rs"]);
    assert_eq!(
        said.stdout.matches("2 becomes 2").count(),
        1,
        "{}",
        said.stdout
    );
}

/// A check that writes down what its two tasks hold and wait for, and finds that one is not woken.
const HOLDERS: &str = r#"
use super::subject::double;
use probe::run;

#[test]
fn a_task_that_waits_is_woken() {
    let run = run!("held");
    let recorder = run.recorder();
    recorder.says("A", "takes the lock");
    recorder.holds("A", "the lock");
    recorder.says("B", "asks");
    recorder.waits_for("B", "the lock");
    if double(2) == 2 {
        recorder.lacks("B", "is not woken");
        run.diagnose("forgot-to-double", "The number came back as it was.");
    }
}
"#;

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn what_the_tasks_of_a_stuck_run_hold_is_in_the_document_and_below_verdict_and_trace() {
    let sample = Sample::new();
    sample.write("exercises/01-first/checks/double.rs", HOLDERS);
    sample.generate_sums();
    sample.write(DOUBLE, FORGOT);
    let json = sample.learn(&["check", "first/double", "--json"]).json();
    let rows = ["A  holds the lock", "B  waits for the lock, which A holds"];
    assert_eq!(json[0]["holders"], serde_json::json!(rows), "{json}");
    for command in ["check", "trace"] {
        let said = sample.learn(&[command, "first/double"]);
        let block = format!(
            "who holds what, and who waits\n    {}\n    {}\n",
            rows[0], rows[1]
        );
        assert!(said.stdout.contains(&block), "{command}: {}", said.stdout);
    }
    sample.write(DOUBLE, RIGHT);
    let json = sample.learn(&["check", "first/double", "--json"]).json();
    assert_eq!(json[0]["verdict"], "passed", "{json}");
    assert_eq!(json[0]["holders"], serde_json::json!([]), "{json}");
}
