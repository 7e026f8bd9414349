//! `cargo learn`: builds the learner's command line with visible progress, and hands over to it.
//!
//! This program has no dependencies, so that it is there a second after the clone. What it starts has many. The launcher counts
//! them while cargo compiles them, and turns each failure into one sentence and status 2. When nothing has changed it does
//! not even ask cargo.
//!
//! The first build leaves out the watch mode's screen, which is almost half of the work: `cargo learn check` never needs it, and
//! `cargo learn` builds it while the learner reads where they are.
//!
//! It knows where the program's sources and manifests lie, and how cargo shows its progress. It does not know exercises, progress
//! or any option of the command line but the few that start the watch mode.
//!
//! It is built with a profile of its own, `launch`, and so in a folder of its own, `target/launch`: an editor's `cargo check`
//! never makes a learner wait.

mod build;
mod counter;
mod fault;
mod fresh;
mod guard;
mod parts;
mod place;

use std::process::ExitCode;

use crate::guard::Stage;
use crate::parts::Parts;
use crate::place::Place;

/// The exit status when the course cannot be started.
const AT_FAULT: u8 = 2;

fn main() -> ExitCode {
    start().unwrap_or_else(|sentence| complain(&sentence))
}

/// Builds if there is something to build, and hands over.
fn start() -> Result<ExitCode, String> {
    let place = Place::find()?;
    match Stage::current() {
        Stage::Build => return build::run(&place).map(|()| ExitCode::SUCCESS),
        Stage::Run => {}
        Stage::First if fresh::is_fresh(&place, Parts::wanted(&place)) => {}
        Stage::First => {
            guard::build_under_guard();
            build::run(&place)?;
        }
    }
    guard::hand_over(&place.program)
}

/// One sentence; a document, if one was asked for.
fn complain(sentence: &str) -> ExitCode {
    if std::env::args_os().any(|argument| argument == "--json") {
        println!("{{\"error\":{}}}", json_string(sentence));
    } else {
        eprintln!("{sentence}");
    }
    ExitCode::from(AT_FAULT)
}

fn json_string(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            control if control.is_control() => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)))
            }
            other => out.push(other),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_quoted_as_json() {
        assert_eq!(json_string("a \"b\" \\ \n"), r#""a \"b\" \\ \u000a""#);
    }
}
