//! What a check says when a test fails.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::recording::Recording;

/// A failed test: which mistake it was, if a law is sure, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// The mistake's code, which `cargo learn explain CODE` explains; `None` where no law is sure.
    pub mistake: Option<String>,
    /// One or two sentences in terms of the learner's code: what was seen, and what does that.
    pub sentence: String,
    /// What the learner's code did, up to the moment of the diagnosis.
    pub recording: Recording,
    /// The event that broke the law, as an index into the recording.
    pub marked: Option<usize>,
    /// The name of the snapshot that shows the expected run, if there is one.
    pub snapshot: Option<String>,
    /// The expected run, where a reference made it in this very check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expected>,
    /// Where the run is stuck: who [holds](crate::stuck) what and who waits for whom, a row for each task.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holders: Vec<String>,
}

/// A run of the reference, beside which the learner's is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// What the reference did.
    pub recording: Recording,
    /// The event in which it is unlike the learner's.
    pub marked: Option<usize>,
}

/// The whole diagnosis as text, for a check that runs under plain `cargo test`.
impl fmt::Display for Diagnosis {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let marked = self.marked.and_then(|event| self.recording.line_of(event));
        writeln!(out, "\n\nyour run")?;
        for (index, line) in self.recording.to_string().lines().enumerate() {
            let mark = if marked == Some(index + 1) {
                "   ◂── here"
            } else {
                ""
            };
            writeln!(out, "{line}{mark}")?;
        }
        if !self.holders.is_empty() {
            writeln!(out, "\nwho holds what, and who waits")?;
        }
        for row in &self.holders {
            writeln!(out, " {row}")?;
        }
        match &self.mistake {
            Some(code) => {
                writeln!(
                    out,
                    "\n{code}\n{}\n\ncargo learn explain {code}",
                    self.sentence
                )
            }
            None => writeln!(out, "\n{}", self.sentence),
        }
    }
}
