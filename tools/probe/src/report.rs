//! The way from a check to the command line: a file of JSON lines, beside the test's own output.
//!
//! `cargo learn` sets [`VARIABLE`] to a fresh path for each test that it runs. Without the variable nothing is written, and
//! a diagnosis is only the panic's message.

use std::fs::OpenOptions;
use std::io::Write as _;

use serde::{Deserialize, Serialize};

use crate::diagnosis::Diagnosis;
use crate::recording::Recording;

/// The environment variable that holds the path of the report.
pub const VARIABLE: &str = "PROBE_REPORT";

/// One line of a report. Later lines are newer; a process that dies leaves the ones it wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Entry {
    /// A risky step begins: if nothing follows, because the process hung or died, this is why.
    Crumb {
        /// The mistake that a hang or an abort here means, if a law is sure of it.
        mistake: Option<String>,
        /// What the step was, and what a hang or an abort in it means.
        sentence: String,
        /// What the learner's code had done before.
        recording: Recording,
    },
    /// The risky step of the newest crumb has finished, and nothing bad happened.
    Safe,
    /// A test fails.
    Diagnosis(Diagnosis),
    /// A test passes, and its two runs are to be shown: what the learner has brought about.
    Shown(Diagnosis),
    /// The recording is about to be compared with a snapshot.
    Snapshot {
        /// The snapshot's name, without its folder and ending.
        name: String,
        /// What it is compared with.
        recording: Recording,
    },
    /// Something panicked, and no test had announced that it might: a `todo!`, an index out of range, a diagnosis.
    Panicked {
        /// The panic's message.
        message: String,
        /// The source file, as the compiler was given it.
        file: String,
        /// The line in it, from 1.
        line: u32,
    },
    /// The run was still going on at the watchdog's deadline: a call in it that has no end is where it hangs.
    Hung {
        /// What the learner's code had done until then.
        recording: Recording,
    },
    /// The last line of the test has run, and no law was broken on the way.
    Passed {
        /// What the judge told the test, and nothing else in the process knows.
        secret: String,
    },
    /// The learner has not written this part yet.
    Unfinished {
        /// What is missing: `line 3 of your prediction is still a question mark`.
        sentence: String,
    },
}

/// Adds an entry to the report, if this process writes one.
///
/// # Panics
///
/// If the file cannot be written: a verdict without its reasons would be worse than none.
pub fn write(entry: &Entry) {
    let Some(path) = std::env::var_os(VARIABLE) else {
        return;
    };
    let mut line = serde_json::to_string(entry).expect("an entry is plain data");
    line.push('\n');
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(line.as_bytes()))
        .unwrap_or_else(|error| panic!("cannot write the report {}: {error}", path.display()));
}

/// The entries of a report. A last line that a dying process left half-written is passed over.
#[must_use]
pub fn read(text: &str) -> Vec<Entry> {
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}
