//! Running the chapters' tests. A test that hangs ends at a deadline, and is named.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::judging::process::{self, End};
use crate::judging::test;
use crate::mine::assembly::Assembly;
use crate::mine::build::Program;
use crate::mine::failure::{Ending, Failure, Test, message, shortened};
use crate::mine::heard::Heard;
use crate::stop::{Stop, Stopped};

/// How tests are run.
#[derive(Clone)]
pub struct Limits {
    /// How long a program of tests may go on without one of its tests coming to an end.
    pub deadline: Duration,
    /// Who may stop it.
    pub stop: Stop,
}

/// What became of the tests of one program.
#[derive(Debug, Default)]
pub struct Results {
    /// How many passed.
    pub passed: usize,
    /// Those that did not.
    pub failures: Vec<Failure>,
}

/// Runs all tests of a program.
///
/// # Errors
///
/// If it cannot be started, or [`Stopped`].
pub fn all(assembly: &Assembly, program: &Program, limits: &Limits) -> Result<Results> {
    let ran = run(assembly, program, &[], limits)?;
    let mut found = Results::default();
    let reported = ran.heard.results();
    let text = ran.heard.text();
    for (function, passed) in &reported {
        if *passed {
            found.passed += 1;
        } else {
            found.failures.push(Failure {
                message: message(&text, function),
                test: test(program, function),
                ending: Ending::Failed,
            });
        }
    }
    if !ran.came_to_its_end() {
        each_of_the_others(assembly, program, &reported, limits, &mut found)?;
    }
    Ok(found)
}

/// Runs one test, in a process of its own; `None` if it passes.
///
/// # Errors
///
/// As [`all`].
pub fn one(
    assembly: &Assembly,
    program: &Program,
    function: &str,
    limits: &Limits,
) -> Result<Option<Failure>> {
    let ran = run(assembly, program, &["--exact", function], limits)?;
    let passed = ran.heard.results().contains(&(function.to_owned(), true));
    if passed && ran.came_to_its_end() {
        return Ok(None);
    }
    let ending = match ran.end {
        End::TimedOut | End::Stopped => Ending::Hung(limits.deadline),
        End::Exited(_) if ran.came_to_its_end() => Ending::Failed,
        End::Exited(status) => Ending::Died(format!("its process ended with {status}")),
    };
    let message = match ending {
        Ending::Failed => message(&ran.heard.text(), function),
        _ => shortened(&ran.stderr),
    };
    Ok(Some(Failure {
        test: test(program, function),
        ending,
        message,
    }))
}

/// When a program of tests did not come to its end, the tests that it said nothing about are run one by one, until it is known
/// which of them does that.
fn each_of_the_others(
    assembly: &Assembly,
    program: &Program,
    reported: &[(String, bool)],
    limits: &Limits,
    found: &mut Results,
) -> Result<()> {
    let list = run(assembly, program, &["--list", "--format", "terse"], limits)?;
    let text = list.heard.text();
    let functions = text.lines().filter_map(|line| line.strip_suffix(": test"));
    for function in functions.filter(|name| !reported.iter().any(|(other, _)| other == name)) {
        match one(assembly, program, function, limits)? {
            None => found.passed += 1,
            Some(failure) => {
                let is_enough = failure.ending != Ending::Failed;
                found.failures.push(failure);
                if is_enough {
                    break;
                }
            }
        }
    }
    Ok(())
}

fn test(program: &Program, function: &str) -> Test {
    Test {
        chapter: program.chapter.clone(),
        file: program.name.clone(),
        function: function.to_owned(),
    }
}

/// A finished run of a program of tests.
struct Run {
    end: End,
    heard: Heard,
    stderr: String,
}

impl Run {
    fn came_to_its_end(&self) -> bool {
        matches!(self.end, End::Exited(_)) && self.heard.came_to_its_end()
    }
}

fn run(assembly: &Assembly, program: &Program, arguments: &[&str], limits: &Limits) -> Result<Run> {
    let heard = Heard::new();
    let into = heard.clone();
    let mut command = test::limited(&program.path);
    command.args(arguments).args(["--color", "never"]);
    set_environment(&mut command, assembly, program, limits);
    let may_go_on = || heard.last().elapsed() < limits.deadline;
    let reader = move |bytes: &[u8]| into.take_in(bytes);
    let ran = process::run_while(command, may_go_on, &limits.stop, reader)
        .with_context(|| format!("{} cannot be started", program.path.display()))?;
    if matches!(ran.end, End::Stopped) {
        return Err(Stopped.into());
    }
    Ok(Run {
        end: ran.end,
        heard,
        stderr: ran.stderr,
    })
}

/// As cargo does it; and no variable of the caller's may accept a snapshot or choose tests.
fn set_environment(command: &mut Command, assembly: &Assembly, program: &Program, limits: &Limits) {
    /// The probe's own watchdog would only come in between.
    const NEVER: Duration = Duration::from_secs(3600);
    test::without_commands_for_tests(command);
    let package: PathBuf = assembly.folder.join("chapters").join(&program.chapter);
    let watchdog = (limits.deadline + NEVER).as_secs_f64().to_string();
    command
        .current_dir(&package)
        .env("CARGO_MANIFEST_DIR", &package)
        .env("INSTA_UPDATE", "no")
        .env("INSTA_OUTPUT", "diff")
        .env("INSTA_WORKSPACE_ROOT", &assembly.folder)
        .env("NO_COLOR", "1")
        // Tests of great amounts take smaller ones: a slow machine must not make a right part look wrong.
        .env("LEARN_MINE", "1")
        .env("RUST_BACKTRACE", "0")
        .env(probe::watchdog::VARIABLE, watchdog);
}
