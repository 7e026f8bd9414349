//! What a check says about one version of one file.

use std::time::Duration;

use probe::diagnosis::Expected;
use probe::{Diagnosis, Recording};
use serde::Serialize;

use course::course::Exercise;
use course::snapshot;

/// What a check says about one version of one file.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The exercise's id.
    pub id: String,
    /// The exercise's number.
    pub number: String,
    /// The outcome.
    pub kind: Kind,
    /// The known mistake, if a law is sure of it.
    pub mistake: Option<String>,
    /// What was seen, in one or two sentences.
    pub sentence: String,
    /// The test that decided, if it came to that.
    pub test: Option<String>,
    /// How many tests passed before that one.
    pub passed: usize,
    /// How many tests there are.
    pub tests: usize,
    /// What the code did.
    pub seen: Option<Seen>,
    /// What the code printed while the test that decided was tried.
    pub printed: Vec<String>,
    /// The compiler's errors, rendered.
    pub errors: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Every test passes.
    Passed,
    /// A test fails.
    Failed,
    /// A test reached a `todo!`, or a part of a prediction is blank.
    Unfinished,
    /// The file is the stub.
    NotStarted,
    /// The compiler refuses it.
    DoesNotCompile,
    /// It was still running at the deadline.
    TimedOut,
}

impl Kind {
    /// As it stands in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Passed => "passed",
            Kind::Failed => "failed",
            Kind::Unfinished => "unfinished",
            Kind::NotStarted => "not-started",
            Kind::DoesNotCompile => "does-not-compile",
            Kind::TimedOut => "timed-out",
        }
    }
}

/// A run to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What the code did.
    pub recording: Recording,
    /// The event that broke the law.
    pub marked: Option<usize>,
    /// The name of the snapshot that shows the expected run.
    pub snapshot: Option<String>,
    /// The run of the reference that was compared with it, where there is one.
    pub expected: Option<Expected>,
    /// Where it is stuck: who holds what and who waits for whom, a row for each task.
    pub holders: Vec<String>,
}

/// The line of a run that is marked, and its counterpart in the expected run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Departure {
    /// The number of the line in the learner's run, from 1.
    pub line: usize,
    /// What happened there.
    pub yours: String,
    /// What is expected there, if there is an expected run.
    pub expected: Option<String>,
}

/// A line of a run without its number and its columns: `a  resume() → yields 2`.
#[must_use]
pub(crate) fn without_number(line: &str) -> String {
    let line = line
        .trim_start()
        .trim_start_matches(|digit: char| digit.is_ascii_digit());
    let words: Vec<&str> = line
        .split("  ")
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect();
    words.join(": ")
}

impl Seen {
    /// What a report carries.
    #[must_use]
    pub fn of(diagnosis: &Diagnosis) -> Seen {
        Seen {
            recording: diagnosis.recording.clone(),
            marked: diagnosis.marked,
            snapshot: diagnosis.snapshot.clone(),
            expected: diagnosis.expected.clone(),
            holders: diagnosis.holders.clone(),
        }
    }

    /// The lines of the expected run: that of the reference, or of the snapshot. `None` if there is neither.
    #[must_use]
    pub fn expected_lines(&self, exercise: &Exercise) -> Option<Vec<String>> {
        match &self.expected {
            Some(expected) => {
                let text = expected.recording.to_string();
                Some(text.lines().map(str::to_owned).collect())
            }
            None => snapshot::lines(exercise, self.snapshot.as_ref()?),
        }
    }

    /// The line at the mark, and what is expected there.
    #[must_use]
    pub fn departs(&self, exercise: &Exercise) -> Option<Departure> {
        let marked = self.recording.line_of(self.marked?)?;
        let yours = self.recording.to_string();
        let expected = self.expected_lines(exercise);
        let there = match &self.expected {
            Some(expected) => expected
                .marked
                .and_then(|event| expected.recording.line_of(event)),
            None => Some(marked),
        };
        let line_of = |lines: &[String], number: usize| lines.get(number.checked_sub(1)?).cloned();
        Some(Departure {
            line: marked,
            yours: without_number(yours.lines().nth(marked - 1)?),
            expected: expected
                .zip(there)
                .and_then(|(lines, there)| line_of(&lines, there))
                .map(|line| without_number(&line)),
        })
    }

    /// The run's text form, with its mark, as `picture::parse` reads it.
    #[must_use]
    pub fn text(&self) -> String {
        let marked = self.marked.and_then(|event| self.recording.line_of(event));
        let mut text = String::new();
        for (place, line) in self.recording.to_string().lines().enumerate() {
            let mark = if marked == Some(place + 1) {
                "   ◂── here"
            } else {
                ""
            };
            text.push_str(&format!("{line}{mark}\n"));
        }
        text
    }
}

/// Why a test fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The outcome that follows.
    pub kind: Kind,
    /// The known mistake.
    pub mistake: Option<String>,
    /// What was seen.
    pub sentence: String,
    /// The run.
    pub seen: Option<Seen>,
}

impl Verdict {
    /// A verdict about an exercise that says this and no more.
    #[must_use]
    pub fn new(exercise: &Exercise, kind: Kind, sentence: String) -> Verdict {
        Verdict {
            id: exercise.id.clone(),
            number: exercise.number.clone(),
            kind,
            mistake: None,
            sentence,
            test: None,
            passed: 0,
            tests: 0,
            seen: None,
            printed: Vec::new(),
            errors: Vec::new(),
            took: Duration::ZERO,
        }
    }

    /// The message of the JSON document: the test, and what was seen.
    #[must_use]
    pub fn message(&self) -> String {
        match (&self.test, self.kind) {
            (Some(test), Kind::Failed | Kind::TimedOut) => {
                format!("{test}: {}", self.sentence)
            }
            (Some(test), Kind::NotStarted) => {
                format!("{} The first test that fails: {test}.", self.sentence)
            }
            _ => self.sentence.clone(),
        }
    }
}

impl Finding {
    /// A part that is not written yet.
    #[must_use]
    pub fn unfinished(sentence: String) -> Finding {
        Finding {
            kind: Kind::Unfinished,
            mistake: None,
            sentence,
            seen: None,
        }
    }

    /// A failed test that no law has a name for.
    #[must_use]
    pub fn failed(sentence: String) -> Finding {
        Finding {
            kind: Kind::Failed,
            mistake: None,
            sentence,
            seen: None,
        }
    }
}
