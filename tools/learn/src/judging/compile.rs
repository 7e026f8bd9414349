//! Building the packages of a room with cargo, and understanding what it says.

use std::cell::Cell;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde::Deserialize;

use crate::judging::limits::{self, Exceeded, Limits};
use crate::judging::process::{self, End};
use crate::judging::room::{Job, Room};
use crate::judging::waiting;
use crate::stop::{Stop, Stopped};
use course::course::Course;
use probe::crowded;

/// How long the compiler may take for what everything depends on.
pub const DEADLINE: Duration = Duration::from_secs(300);

/// How much longer for each package: many times what it needs, so that a busy machine is no finding.
const FOR_EACH: Duration = Duration::from_secs(10);

/// What became of one package.
#[derive(Debug)]
pub enum Built {
    /// The program that runs the check's tests, and the warnings about the source.
    Program {
        /// Where it is.
        path: PathBuf,
        /// What the lints said.
        warnings: Vec<CompileError>,
    },
    /// The compiler refused it.
    Refused(Vec<CompileError>),
    /// The compiler took more than it may have for this package, and was ended.
    Exceeded(Exceeded),
    /// The compiler was still at work at its deadline.
    TimedOut,
}

/// One error of the compiler's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileError {
    /// Its own rendering, with colours if they were asked for.
    pub rendered: String,
    /// The message alone.
    pub message: String,
    /// The file it points at.
    pub file: String,
    /// The line in that file, from 1.
    pub line: u32,
    /// What stands under the marked text.
    pub label: Option<String>,
    /// What it adds.
    pub note: Option<String>,
}

/// How a build is to be done.
pub struct How<'a> {
    /// Whether errors are rendered with colours.
    pub colour: bool,
    /// Who may stop it.
    pub stop: &'a Stop,
    /// Is told the name of each crate that was compiled.
    pub on_crate: Arc<dyn Fn(&str) + Send + Sync>,
}

/// Builds all jobs of a room at once; the results are in the order of the jobs.
///
/// # Errors
///
/// If cargo is missing or the course itself does not build: nothing that the judged sources did. [`Stopped`] if asked to stop.
pub fn build(course: &Course, room: &Room, jobs: &[Job<'_>], how: &How<'_>) -> Result<Vec<Built>> {
    build_at(Priority::Normal, course, room, jobs, how)
}

/// As [`build`], but the compiler gives way to every other program.
///
/// # Errors
///
/// As [`build`].
#[cfg(feature = "screen")]
pub(crate) fn build_gently(
    course: &Course,
    room: &Room,
    jobs: &[Job<'_>],
    how: &How<'_>,
) -> Result<Vec<Built>> {
    build_at(Priority::Low, course, room, jobs, how)
}

fn build_at(
    priority: Priority,
    course: &Course,
    room: &Room,
    jobs: &[Job<'_>],
    how: &How<'_>,
) -> Result<Vec<Built>> {
    let number = u32::try_from(jobs.len()).unwrap_or(u32::MAX);
    let order = Order {
        priority,
        manifest: room.folder.join("Cargo.toml"),
        target: course.checks_folder(),
        words: ["build", "--tests", "--workspace", "--keep-going"]
            .map(str::to_owned)
            .to_vec(),
        deadline: DEADLINE + FOR_EACH * number,
        judges: number,
    };
    let said = carry_out(course, &order, how)?;
    jobs.iter().map(|job| said.about(job)).collect()
}

/// How a build shares the processor with other programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// As every program does.
    Normal,
    /// It takes what the others leave.
    Low,
}

impl Priority {
    /// The command that starts a program at this priority.
    fn start(self, program: OsString) -> Command {
        if self == Priority::Low && cfg!(unix) {
            let mut command = Command::new("nice");
            command.args(["-n", "19"]).arg(program);
            return command;
        }
        Command::new(program)
    }
}

/// What one call of cargo is to do.
pub struct Order {
    /// Whether cargo gives way to other programs.
    pub priority: Priority,
    /// The manifest of a generated workspace.
    pub manifest: PathBuf,
    /// Where it is built.
    pub target: PathBuf,
    /// The subcommand and what belongs to it.
    pub words: Vec<String>,
    /// How long it may take.
    pub deadline: Duration,
    /// How many packages are judged, and compiled under limits of their own.
    pub judges: u32,
}

impl Order {
    /// Whether the deadline, and the one for what is judged, are still to come. The second begins with the last compiler of a build.
    fn may_go_on(&self, limits: Option<&Limits>) -> impl Fn() -> bool {
        let deadline = Instant::now() + crowded::time(self.deadline);
        let begun = Cell::new(None);
        let waiting = crowded::time(limits::WAITING) * self.judges;
        move || {
            let now = Instant::now();
            if begun.get().is_none() && limits.is_some_and(Limits::has_begun) {
                begun.set(Some(now));
            }
            let waited = |since| now.duration_since(since) < waiting;
            now < deadline && begun.get().is_none_or(waited)
        }
    }
}

/// Has cargo do it: from what is on this machine, and only if that is not enough, from the registry.
///
/// # Errors
///
/// If cargo is missing; [`Stopped`] if asked to stop. That something does not compile is none.
pub fn carry_out(course: &Course, order: &Order, how: &How<'_>) -> Result<Said> {
    let first = attempt(course, order, how, Network::Offline)?;
    if first.needs_the_network() {
        attempt(course, order, how, Network::Allowed)
    } else {
        Ok(first)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Network {
    Offline,
    Allowed,
}

/// Everything that one call of cargo said.
pub struct Said {
    /// The lines of its JSON.
    pub messages: Vec<Message>,
    /// The end of what it wrote to standard error.
    pub stderr: String,
    /// Whether everything was built.
    pub succeeded: bool,
    /// Whether it was still at work at its deadline.
    pub timed_out: bool,
    /// Whether a compiler had begun with what is judged. Before that, cargo compiles what the checks depend on.
    judging_had_begun: bool,
}

fn attempt(course: &Course, order: &Order, how: &How<'_>, network: Network) -> Result<Said> {
    let lines = Arc::new(Mutex::new(Lines::default()));
    let (into, on_crate) = (Arc::clone(&lines), Arc::clone(&how.on_crate));
    let reader = move |bytes: &[u8]| {
        into.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(bytes, &*on_crate);
    };
    let _alone = waiting::lock(&order.target, how.stop)?;
    let mut command = cargo(course, order, how, network);
    let limits = match order.judges {
        0 => None,
        _ => Some(Limits::set(&mut command, &order.target)?),
    };
    let may_go_on = order.may_go_on(limits.as_ref());
    let ran = process::run_while(command, may_go_on, how.stop, reader);
    let ran = match ran {
        Ok(ran) => ran,
        Err(error) => {
            bail!("cargo cannot be started ({error}): is Rust installed, and on the PATH?")
        }
    };
    if matches!(ran.end, End::Stopped) {
        return Err(Stopped.into());
    }
    let messages = std::mem::take(
        &mut lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .messages,
    );
    Ok(Said {
        messages,
        stderr: ran.stderr,
        succeeded: matches!(ran.end, End::Exited(status) if status.success()),
        timed_out: matches!(ran.end, End::TimedOut),
        judging_had_begun: limits.as_ref().is_some_and(Limits::has_begun),
    })
}

fn cargo(course: &Course, order: &Order, how: &How<'_>, network: Network) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = order.priority.start(cargo);
    command
        .current_dir(&course.root)
        .args(&order.words)
        .args(["--quiet", "--manifest-path"])
        .arg(&order.manifest)
        .arg("--target-dir")
        .arg(&order.target)
        .arg(if how.colour {
            "--message-format=json-diagnostic-rendered-ansi"
        } else {
            "--message-format=json"
        });
    if network == Network::Offline {
        command.arg("--offline");
    }
    command
}

impl Said {
    /// Cargo says this when a dependency is not on this machine yet.
    fn needs_the_network(&self) -> bool {
        self.stderr.contains("--offline") || self.stderr.contains("offline was specified")
    }

    fn about(&self, job: &Job<'_>) -> Result<Built> {
        let library = job.library();
        let mut errors = Vec::new();
        let mut warnings = Vec::new();
        for message in &self.messages {
            match message {
                Message::Artifact {
                    target,
                    executable: Some(path),
                    ..
                } if target.name == library => {
                    return Ok(Built::Program {
                        path: path.clone(),
                        warnings,
                    });
                }
                Message::Diagnostic { target, message } if target.name == library => {
                    match message.level.as_str() {
                        "error" => errors.extend(message.as_error()),
                        "warning" => {
                            warnings.extend(message.as_error());
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        if let Some(exceeded) = limits::exceeded(&self.stderr, &job.package()) {
            return Ok(Built::Exceeded(exceeded));
        }
        if !errors.is_empty() {
            return Ok(Built::Refused(errors));
        }
        if self.timed_out && self.judging_had_begun {
            return Ok(Built::TimedOut);
        }
        if self.timed_out {
            bail!(
                "Cargo was still compiling what the checks depend on when its time was up, and was ended. Your code is not the reason: \
                 the machine is slow, or busy with other work. What is compiled is kept, so the next check goes on from there."
            );
        }
        bail!("{}", self.fault("The check"))
    }

    /// Why `what` was not built, though no judged source is to blame.
    pub fn fault(&self, what: &str) -> String {
        let broken = self.messages.iter().find_map(|message| match message {
            Message::Diagnostic { target, message } if message.level == "error" => Some(format!(
                "`{}`, which it depends on, does not compile: {}",
                target.name, message.message
            )),
            _ => None,
        });
        let said = self.stderr.lines().find(|line| !line.trim().is_empty());
        let reason =
            broken.unwrap_or_else(|| said.unwrap_or("cargo did not say why").trim().to_owned());
        if reason.contains("download")
            || reason.contains("resolve host")
            || reason.contains("registry")
        {
            return format!(
                "What the course depends on cannot be downloaded: is the network there? Cargo says: {reason}"
            );
        }
        format!("{what} cannot be built, and your code is not the reason. {reason}")
    }
}

/// Cargo's stream of JSON, put together line by line.
#[derive(Default)]
struct Lines {
    partial: Vec<u8>,
    messages: Vec<Message>,
}

impl Lines {
    fn push(&mut self, bytes: &[u8], on_crate: &(dyn Fn(&str) + Send + Sync)) {
        self.partial.extend_from_slice(bytes);
        while let Some(end) = self.partial.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.partial.drain(..=end).collect();
            let Ok(message) = serde_json::from_slice(&line) else {
                continue;
            };
            if let Message::Artifact {
                target,
                fresh: false,
                ..
            } = &message
            {
                on_crate(&target.name);
            }
            self.messages.push(message);
        }
    }
}

/// A line of cargo's JSON, as far as it matters here.
#[derive(Deserialize)]
#[serde(tag = "reason")]
pub enum Message {
    /// A crate is built.
    #[serde(rename = "compiler-artifact")]
    Artifact {
        /// The crate.
        target: Target,
        /// Whether it was built before.
        fresh: bool,
        /// The program, if it is one.
        executable: Option<PathBuf>,
        /// The manifest of its package.
        manifest_path: PathBuf,
        /// How it was built.
        profile: Profile,
    },
    #[serde(rename = "compiler-message")]
    /// The compiler has something to say.
    Diagnostic {
        /// The crate that it is about.
        target: Target,
        /// What the compiler says.
        message: Diagnostic,
    },
    /// Anything else.
    #[serde(other)]
    Other,
}

/// A crate of a package.
#[derive(Deserialize)]
pub struct Target {
    /// As the compiler knows it.
    pub name: String,
    /// `lib`, `bin`, `test`.
    pub kind: Vec<String>,
}

/// How a crate was built.
#[derive(Deserialize)]
pub struct Profile {
    /// Whether it is a program of tests.
    pub test: bool,
}

/// A message of the compiler's.
#[derive(Deserialize)]
pub struct Diagnostic {
    /// `error`, `warning`.
    pub level: String,
    message: String,
    rendered: Option<String>,
    spans: Vec<Span>,
    #[serde(default)]
    children: Vec<Remark>,
}

/// What a diagnostic adds.
#[derive(Deserialize)]
struct Remark {
    level: String,
    message: String,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    line_start: u32,
    is_primary: bool,
    label: Option<String>,
    /// The macro whose inside this is.
    #[serde(default)]
    expansion: Option<Box<Expansion>>,
}

/// A macro's use.
#[derive(Deserialize)]
struct Expansion {
    span: Span,
}

impl Span {
    /// The place in the written source: for the inside of a macro, the place of its call.
    fn written(&self) -> &Span {
        match &self.expansion {
            Some(expansion) => expansion.span.written(),
            None => self,
        }
    }
}

impl Diagnostic {
    /// The first note that is not about the lint itself, which stands in backticks.
    fn note(&self) -> Option<String> {
        let notes = self.children.iter();
        let note = notes
            .filter(|remark| remark.level == "note")
            .find(|remark| !remark.message.starts_with('`'));
        note.map(|remark| remark.message.clone())
    }

    /// `None` for the closing count, which points nowhere.
    pub fn as_error(&self) -> Option<CompileError> {
        let span = self.spans.iter().find(|span| span.is_primary)?;
        Some(CompileError {
            rendered: self.rendered.clone().unwrap_or_default(),
            message: self.message.clone(),
            file: span.written().file_name.clone(),
            line: span.written().line_start,
            label: span.label.clone(),
            note: self.note(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_inside_a_macro_is_where_the_macro_is_used() {
        let json = r#"{
            "level": "error", "message": "temporary value dropped", "rendered": null,
            "spans": [{
                "file_name": "/rustc/1/core/src/pin.rs", "line_start": 9, "is_primary": true, "label": null,
                "expansion": { "span": {
                    "file_name": "src/connection.rs", "line_start": 41, "is_primary": false, "label": null, "expansion": null
                } }
            }]
        }"#;
        let diagnostic: Diagnostic = serde_json::from_str(json).expect("it is a diagnostic");
        let error = diagnostic.as_error().expect("it points somewhere");
        assert_eq!((error.file.as_str(), error.line), ("src/connection.rs", 41));
    }
}
