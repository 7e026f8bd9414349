//! What a check says about one version of one file.

use std::path::Path;
use std::time::Duration;

use probe::Recording;
use probe::panics::is_unfinished;
use probe::report::Entry;
use serde::Serialize;

use crate::process::End;
use crate::promise::{Deadline, Trial};

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
    /// The promise that decided, if it came to that.
    pub promise: Option<String>,
    /// How many promises were kept before that one.
    pub kept: usize,
    /// How many promises there are.
    pub promises: usize,
    /// What the code did.
    pub seen: Option<Seen>,
    /// The compiler's errors, rendered.
    pub errors: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Every promise is kept.
    Passed,
    /// A promise is broken.
    Failed,
    /// A promise reached a `todo!`, or a part of a prediction is blank.
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
    /// The name of the snapshot that shows a run which keeps the promise.
    pub snapshot: Option<String>,
    /// Whether it was this snapshot that the run was compared with, and no law that spoke.
    pub compared: bool,
}

/// Why a promise is not kept.
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
    /// The message of the JSON document: the promise, and what was seen.
    #[must_use]
    pub fn message(&self) -> String {
        match (&self.promise, self.kind) {
            (Some(promise), Kind::Failed | Kind::TimedOut) => {
                format!("{promise}: {}", self.sentence)
            }
            _ => self.sentence.clone(),
        }
    }
}

/// Why a promise is not kept, told from how its process ended, what it reported and what it printed.
///
/// `subject` is the judged file, as the compiler was given it.
#[must_use]
pub fn finding(trial: &Trial, subject: &Path, deadline: Deadline) -> Finding {
    let evidence = Evidence::of(trial, subject);
    let first = evidence
        .reported()
        .or_else(|| evidence.open_crumb(deadline))
        .or_else(|| evidence.mismatch())
        .or_else(|| evidence.panicked());
    let mut finding = first.unwrap_or_else(|| evidence.ended(deadline));
    if matches!(trial.ran.end, End::TimedOut) {
        finding.kind = Kind::TimedOut;
    }
    finding
}

/// What is known about a promise that is not kept.
struct Evidence<'a> {
    trial: &'a Trial,
    subject: String,
}

impl<'a> Evidence<'a> {
    fn of(trial: &'a Trial, subject: &Path) -> Evidence<'a> {
        Evidence {
            trial,
            subject: subject.display().to_string(),
        }
    }

    /// A `todo!` that was reached, a blank, or a law's diagnosis: whichever came first.
    fn reported(&self) -> Option<Finding> {
        let told = self.trial.report.iter().find_map(|entry| match entry {
            Entry::Unfinished { sentence } => Some(Finding::unfinished(sentence.clone())),
            Entry::Panicked {
                message,
                file,
                line,
            } if is_unfinished(message) => {
                Some(Finding::unfinished(self.reached_todo(file, *line)))
            }
            Entry::Diagnosis(diagnosis) => Some(Finding {
                kind: Kind::Failed,
                mistake: diagnosis.mistake.clone(),
                sentence: diagnosis.sentence.clone(),
                seen: Some(Seen {
                    recording: diagnosis.recording.clone(),
                    marked: diagnosis.marked,
                    snapshot: diagnosis.snapshot.clone(),
                    compared: false,
                }),
            }),
            _ => None,
        });
        told.or_else(|| {
            let (message, file, line) = self.printed_panic()?;
            is_unfinished(&message).then(|| Finding::unfinished(self.reached_todo(&file, line)))
        })
    }

    fn reached_todo(&self, file: &str, line: u32) -> String {
        if file == self.subject {
            format!("your code reached the `todo!` on line {line}")
        } else {
            format!("a `todo!` in {file} was reached, on line {line}")
        }
    }

    /// The process hung or died in a step that was announced as risky.
    fn open_crumb(&self, deadline: Deadline) -> Option<Finding> {
        if let End::Exited(status) = self.trial.ran.end
            && status.code().is_some_and(|code| code == TEST_FAILED)
        {
            return None;
        }
        let newest = self
            .trial
            .report
            .iter()
            .rev()
            .find(|entry| matches!(entry, Entry::Crumb { .. } | Entry::Safe));
        let Some(Entry::Crumb {
            mistake,
            sentence,
            recording,
        }) = newest
        else {
            return None;
        };
        Some(Finding {
            kind: Kind::Failed,
            mistake: mistake.clone(),
            sentence: format!("{} {sentence}", self.how_it_ended(deadline)),
            seen: Some(Seen {
                recording: recording.clone(),
                marked: None,
                snapshot: None,
                compared: false,
            }),
        })
    }

    /// The run differs from the snapshot, and no law had anything to say.
    fn mismatch(&self) -> Option<Finding> {
        let mut newest = None;
        for entry in &self.trial.report {
            match entry {
                Entry::Snapshot { name, recording } => newest = Some((name, recording)),
                Entry::Panicked { file, .. } if *file == self.subject => return None,
                _ => {}
            }
        }
        let (name, recording) = newest?;
        Some(Finding {
            kind: Kind::Failed,
            mistake: None,
            sentence: "Your run departs from one that keeps the promise.".to_owned(),
            seen: Some(Seen {
                recording: recording.clone(),
                marked: None,
                snapshot: Some(name.clone()),
                compared: true,
            }),
        })
    }

    fn panicked(&self) -> Option<Finding> {
        let (message, file, line) = self.reported_panic().or_else(|| self.printed_panic())?;
        let sentence = if file == self.subject {
            format!("Your code panicked on line {line}: {message}")
        } else {
            message
        };
        Some(Finding::failed(sentence))
    }

    /// The first panic in the learner's file, or the first of all.
    fn reported_panic(&self) -> Option<(String, String, u32)> {
        let panics = || {
            self.trial.report.iter().filter_map(|entry| match entry {
                Entry::Panicked {
                    message,
                    file,
                    line,
                } => Some((message.clone(), file.clone(), *line)),
                _ => None,
            })
        };
        panics()
            .find(|(_, file, _)| *file == self.subject)
            .or_else(|| panics().next())
    }

    /// A panic that came before the probe could report it: `thread 'x' panicked at FILE:LINE:COLUMN:` and then the message.
    fn printed_panic(&self) -> Option<(String, String, u32)> {
        let (_, rest) = self.trial.ran.stderr.split_once("panicked at ")?;
        let (place, message) = rest.split_once('\n')?;
        let mut parts = place.trim_end_matches(':').rsplitn(3, ':');
        let (_column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
        let end = message.find("\nnote: ").unwrap_or(message.len());
        Some((
            message[..end].trim_end().to_owned(),
            file.to_owned(),
            line.parse().ok()?,
        ))
    }

    /// Nothing was reported: how the process ended is all there is to say.
    fn ended(&self, deadline: Deadline) -> Finding {
        Finding::failed(self.how_it_ended(deadline))
    }

    fn how_it_ended(&self, deadline: Deadline) -> String {
        let stderr = &self.trial.ran.stderr;
        let End::Exited(status) = self.trial.ran.end else {
            return format!(
                "It was still running after {} s.",
                deadline.given.as_secs_f64()
            );
        };
        if stderr.contains("has overflowed its stack") {
            "Your code overflowed the stack: something calls itself without end.".to_owned()
        } else if stderr.contains("memory allocation of") {
            "Your code asked for more memory than a check may have (4 GiB).".to_owned()
        } else if status.success() {
            "The process ended before the promise could be judged: does something call `std::process::exit`?".to_owned()
        } else if let Some(code) = status.code() {
            format!("The process ended with status {code} before the promise could be judged.")
        } else {
            format!("The process was ended by the system ({status}).")
        }
    }
}

/// The exit status of libtest when a test failed: an end that was not in the risky step's nature.
const TEST_FAILED: i32 = 101;

impl Finding {
    fn unfinished(sentence: String) -> Finding {
        Finding {
            kind: Kind::Unfinished,
            mistake: None,
            sentence,
            seen: None,
        }
    }

    fn failed(sentence: String) -> Finding {
        Finding {
            kind: Kind::Failed,
            mistake: None,
            sentence,
            seen: None,
        }
    }
}
