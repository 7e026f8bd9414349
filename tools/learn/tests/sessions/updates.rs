//! Updating in a half-solved tree, with real git repositories.

use std::path::Path;
use std::process::Command;

use crate::sample::{DOUBLE, RIGHT, Sample};

const GUESS: &str = "exercises/01-first/src/guess_order.rs";
const ANSWER: &str = "solutions/01-first/src/double.rs";
const README: &str = "README.md";

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(arguments)
        .output()
        .expect("git is installed");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

/// The course as others publish it, and a learner's clone of it.
struct Both {
    upstream: Sample,
    learner: Sample,
}

impl Both {
    fn new() -> Both {
        let upstream = Sample::new();
        let there = upstream.path("");
        upstream.write(README, "one\n");
        git(&there, &["init", "-q", "-b", "main"]);
        git(&there, &["add", "-A"]);
        git(&there, &["commit", "-q", "-m", "one"]);
        let learner = Sample::new();
        let here = learner.path("");
        std::fs::remove_dir_all(&here).unwrap();
        git(&there, &["clone", "-q", ".", &here.display().to_string()]);
        git(&here, &["config", "user.name", "learner"]);
        git(&here, &["config", "user.email", "learner@example.org"]);
        Both { upstream, learner }
    }

    /// A newer version: the stub of `first/double` and the README differ.
    fn publish(&self) {
        let answer = self
            .upstream
            .read(ANSWER)
            .replace("twice {number}", "two times {number}");
        self.upstream.write(ANSWER, &answer);
        self.upstream.write(README, "two\n");
        self.upstream.generate();
        git(
            &self.upstream.path(""),
            &["commit", "-q", "-a", "-m", "two"],
        );
    }
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn the_learners_file_wins_and_a_changed_stub_is_said() {
    let both = Both::new();
    both.learner.write(DOUBLE, RIGHT);
    both.publish();
    let said = both.learner.learn(&["update"]);
    assert_eq!(said.status, Some(0), "{}{}", said.stdout, said.stderr);
    assert!(
        said.stdout
            .contains("1.1 first/double: the stub has changed, your file has not."),
        "{}",
        said.stdout
    );
    assert_eq!(both.learner.read(DOUBLE), RIGHT);
    assert_eq!(both.learner.read(README), "two\n");
    assert!(
        both.learner
            .learn(&["update"])
            .stdout
            .contains("newest version")
    );
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn an_untouched_stub_is_updated() {
    let both = Both::new();
    both.learner.write(GUESS, "// half a thought\n");
    both.publish();
    let said = both.learner.learn(&["update"]);
    assert_eq!(said.status, Some(0), "{}{}", said.stdout, said.stderr);
    assert!(both.learner.read(DOUBLE).contains("two times"));
    assert_eq!(both.learner.read(GUESS), "// half a thought\n");
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_committed_answer_wins_as_well() {
    let both = Both::new();
    both.learner.write(DOUBLE, RIGHT);
    git(
        &both.learner.path(""),
        &["commit", "-q", "-a", "-m", "solved"],
    );
    both.publish();
    let said = both.learner.learn(&["update"]);
    assert_eq!(said.status, Some(0), "{}{}", said.stdout, said.stderr);
    assert_eq!(both.learner.read(DOUBLE), RIGHT);
    assert_eq!(both.learner.read(README), "two\n");
    let status = Command::new("git")
        .current_dir(both.learner.path(""))
        .args(["status", "--porcelain"])
        .output()
        .unwrap();
    assert!(status.stdout.is_empty(), "{status:?}");
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn where_other_files_are_in_the_way_nothing_changes() {
    let both = Both::new();
    both.learner.write(DOUBLE, RIGHT);
    both.learner.write(README, "mine\n");
    both.publish();
    let said = both.learner.learn(&["update"]);
    assert_eq!(said.status, Some(2), "{}{}", said.stdout, said.stderr);
    assert!(
        said.stderr.contains("You have changed README.md"),
        "{}",
        said.stderr
    );
    assert_eq!(
        (
            both.learner.read(DOUBLE).as_str(),
            both.learner.read(README).as_str()
        ),
        (RIGHT, "mine\n")
    );

    git(
        &both.learner.path(""),
        &["commit", "-q", "-m", "mine", "--", README],
    );
    let said = both.learner.learn(&["update"]);
    assert_eq!(said.status, Some(2), "{}{}", said.stdout, said.stderr);
    assert!(
        said.stderr.contains("the same lines of README.md"),
        "{}",
        said.stderr
    );
    assert_eq!(
        (
            both.learner.read(DOUBLE).as_str(),
            both.learner.read(README).as_str()
        ),
        (RIGHT, "mine\n")
    );
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn an_interrupted_update_is_finished_by_the_next_command() {
    let both = Both::new();
    both.learner
        .write(&format!(".learn/update/{DOUBLE}"), RIGHT);
    let said = both.learner.learn(&["list"]);
    assert!(
        said.stderr.contains("An update was interrupted"),
        "{}",
        said.stderr
    );
    assert_eq!(both.learner.read(DOUBLE), RIGHT);
    assert!(!both.learner.path(".learn/update").exists());
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn without_a_remote_branch_it_says_what_to_do() {
    let both = Both::new();
    let said = both.upstream.learn(&["update"]);
    assert_eq!(said.status, Some(2));
    assert!(
        said.stderr.contains("git branch --set-upstream-to"),
        "{}",
        said.stderr
    );
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_learners_file_that_uses_an_old_name_is_told_the_new_one() {
    let both = Both::new();
    both.learner.write(
        DOUBLE,
        "fn ours(number: u32) -> u32 {\n    twofold(number)\n}\n",
    );
    both.upstream.write(
        "CHANGELOG.md",
        "# Changes\n\n## Renamed\n\n| where | old | new |\n|---|---|---|\n| `first` (crate) | `twofold` | `twice` |\n",
    );
    git(&both.upstream.path(""), &["add", "-A"]);
    both.publish();
    let said = both.learner.learn(&["update"]);
    assert!(
        said.stdout
            .contains(&format!("{DOUBLE}:2: `twofold` is now called `twice`.")),
        "{}{}",
        said.stdout,
        said.stderr
    );
}
