//! Tests: the tests of a check, each run in a process of its own.

use std::fs;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use probe::Diagnosis;
use probe::report::{self, Entry};

use crate::judging::process::{self, Ran};
use crate::stop::Stop;
use course::course::{Course, Exercise};
use course::files;

/// How much address space a check may have, in KiB: an endless push must not take the machine.
const MEMORY_KIB: u64 = 4 * 1024 * 1024;

/// One test of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// The test function's name.
    pub function: String,
    /// The module of the check in which it stands: empty if it stands in the check's own file.
    pub within: String,
    /// The module in which the check stands: empty in a program that holds a single check.
    pub module: String,
}

impl Test {
    /// What the test demands, as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.function.replace('_', " ")
    }

    /// The test's path in the program that holds it.
    fn path(&self) -> String {
        let Test {
            module,
            within,
            function,
        } = self;
        let parts = [module.as_str(), "check", within, function];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("::")
    }
}

/// The tests of an exercise's check, easiest first: those in its file in the order in which they are written, and then those of each
/// module, in the order of the declarations.
///
/// # Errors
///
/// If a file of the check cannot be read.
pub fn of(exercise: &Exercise) -> Result<Vec<Test>> {
    let check = files::read_text(&exercise.check)?;
    let mut tests = listed_in(&check, "");
    for (name, path) in exercise.declared_modules(&check) {
        tests.extend(listed_in(&files::read_text(&path)?, &name));
    }
    Ok(tests)
}

fn listed_in(text: &str, within: &str) -> Vec<Test> {
    let mut tests = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if line == "#[test]" {
            is_test = true;
        } else if let Some(function) = function_name(line).filter(|_| is_test) {
            tests.push(Test {
                function,
                within: within.to_owned(),
                module: String::new(),
            });
            is_test = false;
        }
    }
    tests
}

fn function_name(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("fn ")?;
    let (name, _) = rest.split_once('(')?;
    let is_name = name
        .chars()
        .all(|char| char.is_alphanumeric() || char == '_');
    is_name.then(|| name.to_owned())
}

/// One test, tried.
#[derive(Debug)]
pub struct Trial {
    /// How the process ended and what it printed.
    pub ran: Ran,
    /// What the probe reported.
    pub report: Vec<Entry>,
    /// What the test was told, and has to say at its end.
    pub secret: String,
}

impl Trial {
    /// Whether the test passes: the test's last line has run, no law was broken, and the process succeeded. Nothing that is
    /// printed counts, as the judged code can print anything.
    #[must_use]
    pub fn passed(&self) -> bool {
        let succeeded = matches!(self.ran.end, process::End::Exited(status) if status.success());
        let broken = |entry: &Entry| matches!(entry, Entry::Diagnosis(_));
        succeeded && self.has_its_mark() && !self.report.iter().any(broken)
    }

    /// Whether the test's last line has run.
    #[must_use]
    pub fn has_its_mark(&self) -> bool {
        let is_mark =
            |entry: &Entry| matches!(entry, Entry::Passed { secret } if *secret == self.secret);
        self.report.iter().any(is_mark)
    }

    /// The runs that the test shows although it passes.
    #[must_use]
    pub fn shown(&self) -> Option<&Diagnosis> {
        self.report.iter().rev().find_map(|entry| match entry {
            Entry::Shown(shown) => Some(shown),
            _ => None,
        })
    }

    /// What the learner's code itself printed, for a learner who debugs with `println!` and `dbg!`: what libtest, a panic and
    /// the model checker print after it is left out.
    #[must_use]
    pub fn printed(&self) -> Vec<String> {
        let stdout = after(&self.ran.stdout, "running 1 test\n");
        let stdout = before(stdout, "test check::");
        let stderr = [
            "\nthread '",
            "panicked at ",
            ": still running after ",
            "Task failed, ",
            "test panicked in ",
            "Test deadlocked, ",
        ]
        .into_iter()
        .fold(self.ran.stderr.as_str(), before_the_line_of);
        let lines = stdout.lines().chain(stderr.lines());
        lines
            .filter(|line| !line.trim().is_empty())
            .map(str::to_owned)
            .collect()
    }
}

fn after<'a>(text: &'a str, mark: &str) -> &'a str {
    text.split_once(mark).map_or(text, |(_, rest)| rest)
}

fn before<'a>(text: &'a str, mark: &str) -> &'a str {
    text.split_once(mark).map_or(text, |(rest, _)| rest)
}

/// The text before the line in which the mark stands.
fn before_the_line_of<'a>(text: &'a str, mark: &str) -> &'a str {
    let Some(place) = text.find(mark) else {
        return text;
    };
    &text[..text[..place].rfind('\n').map_or(0, |end| end + 1)]
}

/// Runs one test of a built check.
///
/// # Errors
///
/// If the program cannot be started, or the report's folder cannot be written.
pub fn run(
    course: &Course,
    program: &Path,
    test: &Test,
    deadline: Deadline,
    stop: &Stop,
) -> Result<Trial> {
    watched(course, program, test, None, deadline, stop)
}

/// The same, with a file whose lines the recordings are to name: a path, or its end. Such a recording says more than a snapshot
/// does, so the test may well fail because of it.
///
/// # Errors
///
/// As [`run`].
pub fn watched(
    course: &Course,
    program: &Path,
    test: &Test,
    file: Option<&str>,
    deadline: Deadline,
    stop: &Stop,
) -> Result<Trial> {
    let report = fresh_report(course)?;
    let mut command = limited(program);
    command
        .args(["--exact", &test.path(), "--nocapture", "--color=never"])
        .current_dir(&course.root);
    set_environment(&mut command, course, &report, deadline);
    command.envs(file.map(|file| (probe::places::VARIABLE, file)));
    let secret = fresh_secret();
    let told = format!("{secret}\n");
    let ran = process::run_telling(command, &told, deadline.at, stop).with_context(|| {
        format!(
            "the check's program {} cannot be started",
            program.display()
        )
    })?;
    let entries = report::read(&fs::read_to_string(&report).unwrap_or_default());
    let _ = fs::remove_file(&report);
    Ok(Trial {
        ran,
        report: entries,
        secret,
    })
}

/// When a check must have ended.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    /// How long it was given.
    pub given: Duration,
    /// When that time has passed.
    pub at: Instant,
}

impl Deadline {
    /// So long from now.
    #[must_use]
    pub fn from_now(given: Duration) -> Deadline {
        Deadline {
            given,
            at: Instant::now() + given,
        }
    }

    /// The probe's watchdog comes a little earlier than the deadline, while there is still a process that can tell what it had
    /// done. It says nothing about the verdict.
    fn for_the_watchdog(self) -> String {
        const EARLIER: Duration = Duration::from_millis(300);
        let left = self.at.saturating_duration_since(Instant::now());
        let early = left.checked_sub(EARLIER).unwrap_or(left / 2);
        early.as_secs_f64().to_string()
    }
}

/// The program under a limit of memory, and without core dumps, where the system's shell can set these.
pub(crate) fn limited(program: &Path) -> Command {
    if cfg!(unix) {
        let mut command = Command::new("/bin/sh");
        let script = format!("ulimit -c 0; ulimit -v {MEMORY_KIB} 2>/dev/null; exec \"$0\" \"$@\"");
        command.arg("-c").arg(script).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// No variable of the caller's may accept a snapshot or force a pass.
fn set_environment(command: &mut Command, course: &Course, report: &Path, deadline: Deadline) {
    without_commands_for_tests(command);
    command
        .env("INSTA_UPDATE", "no")
        .env("INSTA_OUTPUT", "none")
        .env("INSTA_WORKSPACE_ROOT", &course.root)
        .env("RUST_BACKTRACE", "0")
        .env(report::VARIABLE, report)
        .env(probe::watchdog::VARIABLE, deadline.for_the_watchdog());
}

/// Takes away the caller's variables that say how tests are run, or what becomes of their snapshots.
pub(crate) fn without_commands_for_tests(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if ["INSTA_", "PROBE_", "RUST_TEST_"]
            .iter()
            .any(|prefix| name_text.starts_with(prefix))
        {
            command.env_remove(&name);
        }
    }
}

/// A word that no process can guess: the standard library draws the keys of its hashes from the system's randomness.
fn fresh_secret() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}

/// A path that no other report uses.
fn fresh_report(course: &Course) -> Result<PathBuf> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let folder = course.target.join("reports");
    fs::create_dir_all(&folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!("{}-{number}.jsonl", std::process::id()));
    let _ = fs::remove_file(&path);
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_code_printed_is_told_apart_from_what_libtest_and_a_panic_print() {
        let trial = |stdout: &str, stderr: &str| Trial {
            ran: Ran {
                end: process::End::Stopped,
                stdout: stdout.to_owned(),
                stderr: stderr.to_owned(),
            },
            report: Vec::new(),
            secret: String::new(),
        };
        let stdout = "\nrunning 1 test\nleft 3\nleft 2\ntest check::a ... FAILED\n\nfailures:\n";
        let stderr =
            "[a.rs:1:1] left = 3\n\nthread 'check::a' (7) panicked at b.rs:1:1:\n\nyour run\n";
        assert_eq!(
            trial(stdout, stderr).printed(),
            ["left 3", "left 2", "[a.rs:1:1] left = 3"]
        );
        assert!(
            trial("\nrunning 1 test\ntest check::a ... FAILED\n", "")
                .printed()
                .is_empty()
        );
        assert!(
            trial("", "Test deadlocked, and nobody asked for a backtrace.\n")
                .printed()
                .is_empty()
        );
        assert!(
            trial(
                "",
                "check::a: still running after 9.7s: ended.\n 1  a  resume()\n"
            )
            .printed()
            .is_empty()
        );
    }

    #[test]
    fn a_test_is_called_by_the_modules_in_which_it_stands() {
        let path = |module: &str, within: &str| {
            let [test] = &mut listed_in("#[test]\nfn counts() {}\n", within)[..] else {
                panic!("one test is listed");
            };
            module.clone_into(&mut test.module);
            test.path()
        };
        assert_eq!(path("", ""), "check::counts");
        assert_eq!(path("", "limits"), "check::limits::counts");
        assert_eq!(path("answer", ""), "answer::check::counts");
        assert_eq!(path("stub", "limits"), "stub::check::limits::counts");
    }

    #[test]
    fn tests_are_listed_in_source_order_and_helpers_are_not() {
        let check = "#[test]\nfn b_comes_first() {}\n\nfn helper() {}\n\n#[test]\n#[should_panic]\npub fn a_comes_second() {}\n";
        let tests: Vec<String> = listed_in(check, "").iter().map(Test::sentence).collect();
        assert_eq!(tests, ["b comes first", "a comes second"]);
    }
}
