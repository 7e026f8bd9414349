//! Building the program with cargo.

use std::fs;
use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use crate::counter::Counter;
use crate::fault;
use crate::fresh;
use crate::parts::Parts;
use crate::place::Place;

/// Builds the learner's command line, showing progress.
///
/// Before the very first build of the screen, the smaller program says where the learner is and what to read meanwhile.
///
/// # Errors
///
/// One sentence that says why it cannot be built.
pub(crate) fn run(place: &Place) -> Result<(), String> {
    let wanted = Parts::wanted(place);
    let is_first = !place.stamp(Parts::All).exists();
    if wanted == Parts::All && is_first {
        if !fresh::is_fresh(place, Parts::WithoutScreen) {
            build(place, Parts::WithoutScreen)?;
        }
        say_where_the_learner_is(place);
    }
    build(place, wanted)
}

/// Without a keyboard the program only says what comes next, and ends.
fn say_where_the_learner_is(place: &Place) {
    let said = Command::new(&place.program).stdin(Stdio::null()).status();
    if said.is_ok_and(|status| status.success()) {
        println!();
    }
}

fn build(place: &Place, parts: Parts) -> Result<(), String> {
    let begun = SystemTime::now();
    let mut counter = Counter::new(parts);
    let built = cargo(place, parts, &mut counter);
    counter.finish();
    match built {
        Err(error) => Err(format!(
            "cargo cannot be started ({error}): is Rust installed, and on the PATH?"
        )),
        Ok(Said {
            succeeded: true, ..
        }) => {
            // Without a stamp the next start only asks cargo again.
            let _ = fresh::remember(place, parts, begun);
            Ok(())
        }
        Ok(said) => {
            let log = place.log();
            let kept = fs::write(&log, &said.text).is_ok();
            Err(fault::sentence(&said.text, kept.then_some(&*log)))
        }
    }
}

/// What cargo said, without its progress.
struct Said {
    succeeded: bool,
    text: String,
}

/// The same working folder and settings as the cargo that started this program, so the result lies beside it.
fn cargo(place: &Place, parts: Parts, counter: &mut Counter) -> io::Result<Said> {
    let mut child = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "build",
            "--profile",
            "launch",
            "--package",
            "learn",
            "--color",
            "never",
            "--manifest-path",
        ])
        .arg(place.root.join("Cargo.toml"))
        .args(parts.for_cargo())
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "100")
        .env_remove("CARGO_TERM_QUIET")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stderr = child.stderr.take().expect("it was asked for");
    let text = follow(&mut stderr, counter)?;
    Ok(Said {
        succeeded: child.wait()?.success(),
        text,
    })
}

/// Reads to the end. Pieces end at a line feed, or at the carriage return of a progress bar.
fn follow(source: &mut impl Read, counter: &mut Counter) -> io::Result<String> {
    let mut text = String::new();
    let mut piece = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let length = source.read(&mut buffer)?;
        for byte in &buffer[..length] {
            if matches!(byte, b'\n' | b'\r') {
                keep(&mut text, &String::from_utf8_lossy(&piece), counter);
                piece.clear();
            } else {
                piece.push(*byte);
            }
        }
        if length == 0 {
            keep(&mut text, &String::from_utf8_lossy(&piece), counter);
            return Ok(text);
        }
    }
}

fn keep(text: &mut String, piece: &str, counter: &mut Counter) {
    if !piece.trim().is_empty() && !counter.take_in(piece) {
        text.push_str(piece.trim_end());
        text.push('\n');
    }
}
