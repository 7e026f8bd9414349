//! Running the chapters' tests. A test that hangs ends at a deadline, and is named.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::mine::assembly::Assembly;
use crate::mine::build::Program;
use crate::mine::failure::{Ending, Failure, Test, message, results, shortened};
use crate::process::{self, End, Ran, Tail};
use crate::promise;
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
    let reported = results(&ran.stdout);
    for (function, passed) in &reported {
        if *passed {
            found.passed += 1;
        } else {
            found.failures.push(Failure {
                message: message(&ran.stdout, function),
                test: test(program, function),
                ending: Ending::Failed,
            });
        }
    }
    if !came_to_its_end(&ran) {
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
    let passed = results(&ran.stdout)
        .iter()
        .any(|(name, passed)| name == function && *passed);
    if passed && came_to_its_end(&ran) {
        return Ok(None);
    }
    let ending = match ran.end {
        End::TimedOut | End::Stopped => Ending::Hung(limits.deadline),
        End::Exited(_) if came_to_its_end(&ran) => Ending::Failed,
        End::Exited(status) => Ending::Died(format!("its process ended with {status}")),
    };
    let message = match ending {
        Ending::Failed => message(&ran.stdout, function),
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
    let functions = list
        .stdout
        .lines()
        .filter_map(|line| line.strip_suffix(": test"));
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

fn came_to_its_end(ran: &Ran) -> bool {
    matches!(ran.end, End::Exited(_))
        && ran
            .stdout
            .lines()
            .any(|line| line.starts_with("test result: "))
}

fn run(assembly: &Assembly, program: &Program, arguments: &[&str], limits: &Limits) -> Result<Ran> {
    let stdout = Tail::default();
    let last = Arc::new(Mutex::new(Instant::now()));
    let (into, progress) = (stdout.clone(), Arc::clone(&last));
    let reader = move |bytes: &[u8]| {
        into.push(bytes);
        // A test that prints without end makes no progress: only libtest's own lines are.
        if bytes.windows(5).any(|window| window == b" ... ") {
            *progress.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        }
    };
    let may_go_on = || {
        let last = last.lock().unwrap_or_else(PoisonError::into_inner);
        last.elapsed() < limits.deadline
    };
    let mut command = promise::limited(&program.path);
    command.args(arguments).args(["--color", "never"]);
    set_environment(&mut command, assembly, program, limits);
    let mut ran = process::run_while(command, may_go_on, &limits.stop, reader)
        .with_context(|| format!("{} cannot be started", program.path.display()))?;
    if matches!(ran.end, End::Stopped) {
        return Err(Stopped.into());
    }
    ran.stdout = stdout.text();
    Ok(ran)
}

/// As cargo does it; and no variable of the caller's may accept a snapshot or choose tests.
fn set_environment(command: &mut Command, assembly: &Assembly, program: &Program, limits: &Limits) {
    /// The probe's own watchdog would only come in between.
    const NEVER: Duration = Duration::from_secs(3600);
    promise::without_commands_for_tests(command);
    let package: PathBuf = assembly.folder.join("chapters").join(&program.chapter);
    let watchdog = (limits.deadline + NEVER).as_secs_f64().to_string();
    command
        .current_dir(&package)
        .env("CARGO_MANIFEST_DIR", &package)
        .env("INSTA_UPDATE", "no")
        .env("INSTA_OUTPUT", "diff")
        .env("INSTA_WORKSPACE_ROOT", &assembly.folder)
        .env("NO_COLOR", "1")
        .env("RUST_BACKTRACE", "0")
        .env(probe::watchdog::VARIABLE, watchdog);
}
