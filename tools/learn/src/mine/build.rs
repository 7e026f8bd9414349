//! Building the assembled runtime, and understanding what cargo says about it.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::judging::compile::{self, CompileError, How, Message, Order, Said};
use crate::mine::assembly::{Assembly, Chapter};
use course::course::Course;

/// A program that runs tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The folder of the chapter whose tests they are: `03-wakers`.
    pub chapter: String,
    /// The file of the tests: `programs`; for the tests within the library, `lib`.
    pub name: String,
    /// Where the program is.
    pub path: PathBuf,
}

/// What became of a build.
#[derive(Debug)]
pub enum Built {
    /// These programs, in the order of the chapters.
    Programs(Vec<Program>),
    /// The compiler refused something.
    Refused(Vec<CompileError>),
}

/// What is to be built.
#[derive(Debug, Clone, Copy)]
pub enum Goal<'a> {
    /// All tests of all chapters.
    Everything,
    /// The tests of one chapter that lie in one file, or in the library.
    Tests(&'a str, &'a str),
}

/// The name of the tests within a library.
pub const LIBRARY: &str = "lib";

/// Builds the tests of the assembled chapters.
///
/// # Errors
///
/// If cargo is missing, cannot get what the chapters depend on, or is stopped.
pub fn tests(course: &Course, assembly: &Assembly, goal: Goal<'_>, how: &How<'_>) -> Result<Built> {
    let mut words = vec!["test".to_owned(), "--no-run".to_owned()];
    let chapters: Vec<&Chapter> = assembly
        .chapters
        .iter()
        .filter(|chapter| match goal {
            Goal::Everything => chapter.has.library || chapter.has.tests,
            Goal::Tests(wanted, _) => chapter.folder == wanted,
        })
        .collect();
    if chapters.is_empty() {
        return Ok(Built::Programs(Vec::new()));
    }
    for chapter in &chapters {
        words.extend(["--package".to_owned(), chapter.package.clone()]);
    }
    match goal {
        Goal::Tests(_, LIBRARY) => words.push("--lib".to_owned()),
        Goal::Tests(_, name) => words.extend(["--test".to_owned(), name.to_owned()]),
        Goal::Everything => {
            // Programs have no tests of their own: they are built because tests run them, and not a second time.
            if chapters.iter().any(|chapter| chapter.has.library) {
                words.push("--lib".to_owned());
            }
            if chapters.iter().any(|chapter| chapter.has.tests) {
                words.extend(["--test".to_owned(), "*".to_owned()]);
            }
        }
    }
    let said = carry_out(course, assembly, words, how)?;
    if said.succeeded {
        return Ok(Built::Programs(programs(assembly, &said)));
    }
    let errors = errors(&said);
    if errors.is_empty() {
        bail!("{}", said.fault("The chapters"));
    }
    Ok(Built::Refused(errors))
}

/// Builds a chapter's own program, optimised.
///
/// # Errors
///
/// As [`tests`], or if it does not compile.
pub fn release(
    course: &Course,
    assembly: &Assembly,
    package: &str,
    how: &How<'_>,
) -> Result<PathBuf> {
    let words = ["build", "--release", "--bins", "--package", package];
    let said = carry_out(course, assembly, words.map(str::to_owned).to_vec(), how)?;
    let program = said.messages.iter().find_map(|message| match message {
        Message::Artifact {
            target,
            executable: Some(path),
            ..
        } if target.name == package => Some(path.clone()),
        _ => None,
    });
    match program {
        Some(program) if said.succeeded => Ok(program),
        _ => bail!("{}", said.fault("The echo server")),
    }
}

fn carry_out(
    course: &Course,
    assembly: &Assembly,
    words: Vec<String>,
    how: &How<'_>,
) -> Result<Said> {
    let order = Order {
        priority: compile::Priority::Normal,
        manifest: assembly.folder.join("Cargo.toml"),
        target: assembly.target.clone(),
        words,
        deadline: 2 * compile::DEADLINE,
        judges: 0,
    };
    let said = compile::carry_out(course, &order, how)?;
    if said.timed_out {
        bail!("The compiler was still at work on the chapters after ten minutes.");
    }
    Ok(said)
}

fn programs(assembly: &Assembly, said: &Said) -> Vec<Program> {
    let mut programs = Vec::new();
    for chapter in &assembly.chapters {
        let place = Path::new("chapters")
            .join(&chapter.folder)
            .join("Cargo.toml");
        for message in &said.messages {
            if let Message::Artifact {
                target,
                executable: Some(path),
                manifest_path,
                profile,
                ..
            } = message
                && profile.test
                && manifest_path.ends_with(&place)
            {
                let is_tests = target.kind.iter().any(|kind| kind == "test");
                programs.push(Program {
                    chapter: chapter.folder.clone(),
                    name: if is_tests {
                        target.name.clone()
                    } else {
                        LIBRARY.to_owned()
                    },
                    path: path.clone(),
                });
            }
        }
    }
    programs
}

fn errors(said: &Said) -> Vec<CompileError> {
    let errors = said.messages.iter().filter_map(|message| match message {
        Message::Diagnostic { message, .. } if message.level == "error" => message.as_error(),
        _ => None,
    });
    let mut seen: Vec<CompileError> = Vec::new();
    for error in errors {
        // The library is compiled twice, for itself and for its tests, and says everything twice.
        if !seen.contains(&error) {
            seen.push(error);
        }
    }
    seen
}
