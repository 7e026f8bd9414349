//! Compiling what is tried: the sources of an exercise in one crate, all crates by one call of cargo.
//!
//! One crate is linked once, and linking is most of what a small crate costs. If a crate does not compile, the sources in which the
//! errors stand are taken out and compiled in packages of their own, as the learner's source is. So an error is always about one
//! source, independent of the others.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Result;
use course::files;
use learn::judging::compile::{self, CompileError, How, Message, Order, Said};
use learn::judging::room::{self, Job, Room};

use crate::Call;
use crate::trial::Trial;
use crate::variants::{Beside, Variants};

/// The name of the folder with the crates.
const NAME: &str = "tries";

/// How much longer the compiler may take for each source.
const FOR_EACH: Duration = Duration::from_secs(10);

/// What became of a source.
#[derive(Debug, Clone)]
pub(crate) enum Built {
    /// A program that holds its tests.
    Program {
        path: PathBuf,
        /// The module in which the check stands; empty if it stands at the root.
        module: String,
        warnings: Vec<CompileError>,
    },
    /// The compiler refuses it.
    Refused(Vec<CompileError>),
    /// The compiler was still at work at its deadline.
    TimedOut,
}

/// Compiles everything; the results are in the order of the trials.
///
/// # Errors
///
/// If cargo is missing or the course itself does not build; [`Stopped`](learn::stop::Stopped) if asked to stop.
pub(crate) fn build(call: &Call<'_>, trials: &[Trial<'_>]) -> Result<Vec<Built>> {
    let mut built: Vec<Option<Built>> = vec![None; trials.len()];
    let mut apart = Vec::new();
    let mut left: Vec<usize> = (0..trials.len()).collect();
    if call.arguments.apart {
        apart.append(&mut left);
    }
    while !left.is_empty() {
        let groups = groups(trials, &left);
        let said = compile_together(call, trials, &groups, Beside::TheCheck)?;
        for group in groups.into_values() {
            match outcome(&said, trials, &group) {
                Outcome::Built(results) => {
                    left.retain(|index| !group.contains(index));
                    for (index, result) in group.into_iter().zip(results) {
                        built[index] = Some(result);
                    }
                }
                Outcome::TakeOut(offenders) => {
                    left.retain(|index| !offenders.contains(index));
                    apart.extend(offenders);
                }
                // An error in the check may be due to any of them.
                Outcome::Unclear => {
                    left.retain(|index| !group.contains(index));
                    apart.extend(group);
                }
            }
        }
    }
    for (index, result) in compile_apart(call, trials, &apart)? {
        built[index] = Some(result);
    }
    Ok(built
        .into_iter()
        .map(|built| built.expect("each source was compiled, together or apart"))
        .collect())
}

/// Which sources compile without a check beside them. That costs little, so it is asked first where many do not.
///
/// # Errors
///
/// As [`build`].
pub(crate) fn compiling(call: &Call<'_>, trials: &[Trial<'_>]) -> Result<Vec<bool>> {
    let mut compiling = vec![true; trials.len()];
    let mut left: Vec<usize> = (0..trials.len()).collect();
    while !left.is_empty() {
        let groups = groups(trials, &left);
        let said = compile_together(call, trials, &groups, Beside::Nothing)?;
        for group in groups.into_values() {
            match outcome(&said, trials, &group) {
                Outcome::Built(_) | Outcome::Unclear => {
                    left.retain(|index| !group.contains(index));
                }
                Outcome::TakeOut(offenders) => {
                    left.retain(|index| !offenders.contains(index));
                    for index in offenders {
                        compiling[index] = false;
                    }
                }
            }
        }
    }
    Ok(compiling)
}

/// What is left of each exercise.
fn groups(trials: &[Trial<'_>], left: &[usize]) -> BTreeMap<String, Vec<usize>> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for &index in left {
        let package = Variants::package(trials[index].exercise);
        groups.entry(package).or_default().push(index);
    }
    groups
}

fn compile_together(
    call: &Call<'_>,
    trials: &[Trial<'_>],
    groups: &BTreeMap<String, Vec<usize>>,
    beside: Beside,
) -> Result<Said> {
    let course = call.course;
    let folder = course.target.join("rooms").join(NAME);
    for (package, group) in groups {
        let trials = group.iter().map(|&index| &trials[index]).collect();
        Variants::new(trials, beside).write(course, &folder.join(NAME).join(package))?;
    }
    files::write_if_changed(&folder.join("Cargo.toml"), &workspace(groups.keys()))?;
    room::copy_lock_file(course, &folder)?;
    let sources: usize = groups.values().map(Vec::len).sum();
    let order = Order {
        priority: compile::Priority::Normal,
        manifest: folder.join("Cargo.toml"),
        target: course.checks_folder(),
        words: ["build", "--tests", "--workspace", "--keep-going"]
            .map(str::to_owned)
            .to_vec(),
        deadline: compile::DEADLINE + FOR_EACH * u32::try_from(sources).unwrap_or(u32::MAX),
        judges: 0,
    };
    let how = How {
        colour: false,
        stop: call.stop,
        on_crate: counter(groups.len()),
    };
    compile::carry_out(course, &order, &how)
}

/// No debug information, which no verdict needs, and nothing that a second build would need: a crate that changes is small.
fn workspace<'a>(packages: impl Iterator<Item = &'a String>) -> String {
    let members: Vec<String> = packages
        .map(|package| format!("{:?}", format!("{NAME}/{package}")))
        .collect();
    format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n[profile.dev]\ndebug = false\nincremental = false\n\n\
         [profile.dev.package.\"*\"]\ndebug = \"line-tables-only\"\n",
        members.join(", ")
    )
}

/// Says in a terminal how far it is.
fn counter(crates: usize) -> Arc<dyn Fn(&str) + Send + Sync> {
    let in_a_terminal = std::io::stderr().is_terminal();
    let count = AtomicUsize::new(0);
    Arc::new(move |name| {
        if in_a_terminal && name.starts_with("tries_") {
            let count = count.fetch_add(1, Ordering::Relaxed) + 1;
            eprint!("\r\x1b[2Kcompiling: {count} of {crates} exercises");
            if count == crates {
                eprint!("\r\x1b[2K");
            }
        }
    })
}

enum Outcome {
    /// All of a group, in its order.
    Built(Vec<Built>),
    /// The errors stand in these.
    TakeOut(Vec<usize>),
    /// It was not built, and the errors stand in none of them.
    Unclear,
}

/// What cargo said about the crate of a group.
fn outcome(said: &Said, trials: &[Trial<'_>], group: &[usize]) -> Outcome {
    let library = Variants::package(trials[group[0]].exercise).replace('-', "_");
    let mut program = None;
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    for message in &said.messages {
        match message {
            Message::Artifact {
                target, executable, ..
            } if target.name == library => program.clone_from(executable),
            Message::Diagnostic { target, message } if target.name == library => {
                match message.level.as_str() {
                    "error" => errors.extend(message.as_error()),
                    "warning" => warnings.extend(message.as_error()),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    let within = |index: usize, found: &[CompileError]| -> Vec<CompileError> {
        let subject = trials[index].subject.display().to_string();
        let found = found.iter().filter(|error| error.file == subject);
        found.cloned().collect()
    };
    if let Some(path) = program {
        let built = group.iter().map(|&index| Built::Program {
            path: path.clone(),
            module: trials[index].module(),
            warnings: within(index, &warnings),
        });
        return Outcome::Built(built.collect());
    }
    let offenders: Vec<usize> = group
        .iter()
        .copied()
        .filter(|&index| !within(index, &errors).is_empty())
        .collect();
    if offenders.is_empty() {
        Outcome::Unclear
    } else {
        Outcome::TakeOut(offenders)
    }
}

/// Each in a package of its own.
fn compile_apart(
    call: &Call<'_>,
    trials: &[Trial<'_>],
    apart: &[usize],
) -> Result<Vec<(usize, Built)>> {
    if apart.is_empty() {
        return Ok(Vec::new());
    }
    let jobs: Vec<Job<'_>> = apart
        .iter()
        .map(|&index| Job {
            exercise: trials[index].exercise,
            subject: trials[index].subject.clone(),
            variant: trials[index].variant.clone(),
            lints: trials[index].lints(),
        })
        .collect();
    let room = Room::open(call.course, "verify", &jobs, call.stop)?;
    let how = How {
        colour: false,
        stop: call.stop,
        on_crate: Arc::new(|_| {}),
    };
    let built = compile::build(call.course, &room, &jobs, &how)?;
    let built = built.into_iter().map(|built| match built {
        compile::Built::Program { path, warnings } => Built::Program {
            path,
            module: String::new(),
            warnings,
        },
        compile::Built::Refused(errors) => Built::Refused(errors),
        compile::Built::Exceeded(_) | compile::Built::TimedOut => Built::TimedOut,
    });
    Ok(apart.iter().copied().zip(built).collect())
}
