//! Runs the code of chapter 03 that could corrupt memory, or sleep forever, under the tools that notice; and the stacks of
//! chapter 13 under valgrind.
//!
//! It knows the tools and how each reports an error. It does not know the command line.
//!
//! ```text
//! cargo run -q -p memory
//! ```
//!
//! Each tool is given the answers, which it must pass, and variants that are broken on purpose, which it must catch in the same
//! run: a tool that lets these through would prove nothing. One that this machine lacks is named as skipped, with the reason.
//!
//! # Exit status
//!
//! 0 if every tool that ran did both, 1 if one did not.

mod model;
mod program;
mod result;
mod sanitizer;
mod valgrind;

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Result;
use course::course::Course;

use result::Line;

/// The answers: files below the repository's root.
const RAW: &str = "chapters/03-wakers/src/raw_waker.rs";
const ATOMIC: &str = "chapters/03-wakers/src/atomic_waker.rs";

/// Two known mistakes of `raw-waker`, as files.
struct Broken {
    used_after_free: String,
    leaked: String,
}

fn main() -> ExitCode {
    match lines() {
        Ok(lines) => {
            for line in &lines {
                println!("{line}");
            }
            ExitCode::from(u8::from(lines.iter().any(Line::is_bad)))
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

fn lines() -> Result<Vec<Line>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let root = root.expect("this package lies two folders below the root");
    let course = Course::around(root)?;
    let broken = Broken {
        used_after_free: mistake(&course, "raw-waker", "waker-not-counted")?,
        leaked: mistake(&course, "raw-waker", "waker-leaked")?,
    };
    let mut lines = model::run(&course)?;
    lines.extend(sanitizer::run(root, &broken));
    lines.extend(valgrind::run(root, &broken));
    lines.push(miri());
    Ok(lines)
}

/// The file with a known mistake of an exercise.
fn mistake(course: &Course, exercise: &str, name: &str) -> Result<String> {
    let exercise = course::id::find(course, exercise)?;
    let file = course::mistakes::find(exercise, name)?.written(course, exercise)?;
    Ok(file.display().to_string())
}

/// Miri would see even more, and comes with nightly toolchains only; this program does not run it.
fn miri() -> Line {
    let installed = Command::new("cargo")
        .args(["miri", "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    let reason = if installed {
        "it is there, but no toolchain is chosen here: `cargo +nightly miri test -p solution-03-wakers` by hand"
    } else {
        "it is not installed"
    };
    Line::skipped("Miri", reason)
}
