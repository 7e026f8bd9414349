//! `cargo learn verify`: hands over to the program `verify`, which is built when a maintainer first asks for it. No learner waits
//! for it.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};

use crate::judging::compile::{self, How, Message, Order};
use crate::stop::Stop;
use course::course::Course;

/// The package and the program.
const NAME: &str = "verify";

/// Builds the program `verify`, and runs it with these arguments.
///
/// # Errors
///
/// One sentence if the course has no such program, or if it cannot be built or started.
pub fn run(course: &Course, arguments: &[OsString], stop: &Stop) -> Result<ExitCode> {
    let manifest = course.root.join("tools").join(NAME).join("Cargo.toml");
    if !manifest.is_file() {
        bail!(
            "Nothing can be verified here: {} is missing.",
            course.shown(&manifest)
        );
    }
    let program = build(course, stop)?;
    let mut command = Command::new(&program);
    command.args(arguments);
    hand_over(command).with_context(|| format!("{} cannot be started", program.display()))
}

/// Builds it beside this program, so that the crates which both need are compiled once.
fn build(course: &Course, stop: &Stop) -> Result<PathBuf> {
    let target = std::env::current_exe()
        .ok()
        .filter(|program| program.parent().is_some_and(|it| it.ends_with("launch")))
        .and_then(|program| Some(program.parent()?.parent()?.to_owned()))
        .unwrap_or_else(|| course.root.join("target"));
    let order = Order {
        priority: compile::Priority::Normal,
        manifest: course.root.join("Cargo.toml"),
        target,
        words: ["build", "--profile", "launch", "--package", NAME]
            .map(str::to_owned)
            .to_vec(),
        deadline: compile::DEADLINE,
        judges: 0,
    };
    let how = How {
        colour: false,
        stop,
        on_crate: Arc::new(announce),
    };
    let said = compile::carry_out(course, &order, &how)?;
    let program = said.messages.iter().find_map(|message| match message {
        Message::Artifact {
            target,
            executable: Some(path),
            ..
        } if target.name == NAME => Some(path.clone()),
        _ => None,
    });
    program.with_context(|| said.fault("The program `verify`"))
}

/// One line, which the next crate overwrites.
fn announce(name: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[2KBuilding verify: {name}");
        if name == NAME {
            eprint!("\r\x1b[2K");
        }
    }
}

/// The program takes this one's place, so that Ctrl-C reaches it alone.
#[cfg(unix)]
fn hand_over(mut command: Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec().into())
}

#[cfg(not(unix))]
fn hand_over(mut command: Command) -> Result<ExitCode> {
    let status = command.status()?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::from(2), ExitCode::from))
}
