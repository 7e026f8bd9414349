//! Why a promise is not kept: told from how its process ended, what it reported and what it printed.

use std::path::Path;

use probe::panics::is_unfinished;
use probe::report::Entry;

use crate::course::Exercise;
use crate::process::End;
use crate::promise::{Deadline, Trial};
use crate::snapshot;
use crate::verdict::{Finding, Kind, Seen};

/// The exit status of libtest when a test failed: an end that was not in the risky step's nature.
const TEST_FAILED: i32 = 101;

/// Why a promise is not kept, told from how its process ended, what it reported and what it printed.
///
/// `subject` is the judged file, as the compiler was given it.
#[must_use]
pub fn finding(exercise: &Exercise, trial: &Trial, subject: &Path, deadline: Deadline) -> Finding {
    let evidence = Evidence {
        exercise,
        trial,
        subject: subject.display().to_string(),
    };
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
    exercise: &'a Exercise,
    trial: &'a Trial,
    subject: String,
}

impl Evidence<'_> {
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
        let expected = snapshot::lines(self.exercise, name)?;
        Some(Finding {
            kind: Kind::Failed,
            mistake: None,
            sentence: departure(&recording.to_string(), &expected)?,
            seen: Some(Seen {
                recording: recording.clone(),
                marked: None,
                snapshot: Some(name.clone()),
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

/// Where a run first differs from a snapshot; `None` if it does not.
fn departure(yours: &str, expected: &[String]) -> Option<String> {
    let yours: Vec<&str> = yours.lines().map(str::trim_end).collect();
    let longest = yours.len().max(expected.len());
    let differs =
        |&line: &usize| yours.get(line).copied() != expected.get(line).map(|line| line.trim_end());
    let line = (0..longest).find(differs)?;
    Some(if line == yours.len() {
        format!("Your run ends after line {line}, and more should happen.")
    } else if line == expected.len() {
        format!("Your run goes on after line {line}, where it should be over.")
    } else {
        format!("Your run departs at line {}.", line + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn departure_of(yours: &str, expected: &[&str]) -> Option<String> {
        let expected: Vec<String> = expected.iter().map(|&line| line.to_owned()).collect();
        departure(yours, &expected)
    }

    #[test]
    fn a_run_departs_where_it_first_differs() {
        assert_eq!(
            departure_of("a\nb\n", &["a", "c"]).unwrap(),
            "Your run departs at line 2."
        );
        assert!(
            departure_of("a\n", &["a", "b"])
                .unwrap()
                .contains("ends after line 1")
        );
        assert!(
            departure_of("a\nb\n", &["a"])
                .unwrap()
                .contains("goes on after line 1")
        );
    }

    #[test]
    fn a_run_that_is_equal_departs_nowhere() {
        assert_eq!(departure_of("a\nb\n", &["a", "b"]), None);
    }
}
