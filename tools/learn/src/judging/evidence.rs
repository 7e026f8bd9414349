//! Why a test fails: told from how its process ended, what it reported and what it printed.

use std::path::Path;

use probe::panics::is_unfinished;
use probe::report::Entry;
use probe::{Recording, What};

use crate::judging::process::End;
use crate::judging::test::{Deadline, Trial};
use crate::judging::verdict::{Finding, Kind, Seen, without_number};
use course::course::Exercise;
use course::snapshot;

/// The only mistake that no check can name: the process in which it would is gone.
const ENDS_THE_PROCESS: &str = "ends-the-process";

/// The exit status of libtest when a test failed: an end that was not in the risky step's nature.
const TEST_FAILED: i32 = 101;

/// Why a test fails, told from how its process ended, what it reported and what it printed.
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
        .or_else(|| evidence.left_early())
        .or_else(|| evidence.open_crumb(deadline))
        .or_else(|| evidence.mismatch())
        .or_else(|| evidence.panicked());
    let mut finding = first.unwrap_or_else(|| evidence.ended(deadline));
    if evidence.hung() {
        finding.kind = Kind::TimedOut;
    }
    finding
}

/// What is known about a test that fails.
struct Evidence<'a> {
    exercise: &'a Exercise,
    trial: &'a Trial,
    subject: String,
}

impl Evidence<'_> {
    /// It was still running at the deadline, or so shortly before it that its own watchdog ended it.
    fn hung(&self) -> bool {
        matches!(self.trial.ran.end, End::TimedOut) || self.recording_of_the_hang().is_some()
    }

    fn recording_of_the_hang(&self) -> Option<&Recording> {
        self.trial.report.iter().find_map(|entry| match entry {
            Entry::Hung { recording } => Some(recording),
            _ => None,
        })
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
                seen: Some(Seen::of(diagnosis)),
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

    /// The process exited before the test's last line, and no failure of the test did that.
    fn left_early(&self) -> Option<Finding> {
        let End::Exited(status) = self.trial.ran.end else {
            return None;
        };
        let code = status.code()?;
        let stderr = &self.trial.ran.stderr;
        let died = ["has overflowed its stack", "memory allocation of"]
            .iter()
            .any(|sign| stderr.contains(sign));
        let failed = code == TEST_FAILED
            && (self.reported_panic().is_some() || self.printed_panic().is_some());
        if self.hung() || died || failed {
            return None;
        }
        let when = if self.trial.has_its_mark() {
            "after the last line of this test, but before its process was done"
        } else {
            "before this test was done"
        };
        let recording = self
            .trial
            .report
            .iter()
            .rev()
            .find_map(|entry| match entry {
                Entry::Crumb { recording, .. } | Entry::Snapshot { recording, .. } => {
                    Some(recording)
                }
                _ => None,
            });
        Some(Finding {
            mistake: Some(ENDS_THE_PROCESS.to_owned()),
            seen: recording.map(open_ended),
            ..Finding::failed(format!(
                "The process exited with status {code} {when}. A test passes when its last line has run: nothing in your code may \
                 end the process, as `std::process::exit` does."
            ))
        })
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
        let recording = self.recording_of_the_hang().unwrap_or(recording);
        Some(Finding {
            kind: Kind::Failed,
            mistake: mistake.clone(),
            sentence: format!("{} {sentence}", self.how_it_ended(deadline)),
            seen: Some(open_ended(recording)),
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
        let (line, sentence) = departure(&recording.to_string(), &expected)?;
        let lines = recording.lines();
        let marked = lines.get(line).or(lines.last()).map(|line| line.event);
        Some(Finding {
            kind: Kind::Failed,
            mistake: None,
            sentence,
            seen: Some(Seen {
                recording: recording.clone(),
                marked,
                snapshot: Some(name.clone()),
                expected: None,
                holders: Vec::new(),
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
        let sentence = self.how_it_ended(deadline);
        match self.recording_of_the_hang() {
            Some(recording) => Finding {
                seen: Some(open_ended(recording)),
                ..Finding::failed(match call_without_an_end(recording) {
                    Some(call) => format!("{sentence} The call `{call}` did not return."),
                    None => sentence,
                })
            },
            None => Finding::failed(sentence),
        }
    }

    fn how_it_ended(&self, deadline: Deadline) -> String {
        let stderr = &self.trial.ran.stderr;
        let End::Exited(status) = self.trial.ran.end else {
            return still_running(deadline);
        };
        if self.hung() {
            return still_running(deadline);
        }
        if stderr.contains("has overflowed its stack") {
            "Your code overflowed the stack: something calls itself without end.".to_owned()
        } else if stderr.contains("memory allocation of") {
            "Your code asked for more memory than a check may have (4 GiB).".to_owned()
        } else if let Some(code) = status.code() {
            format!("The process ended with status {code} before the test was finished.")
        } else {
            format!("The process was ended by the system ({status}).")
        }
    }
}

fn still_running(deadline: Deadline) -> String {
    format!(
        "It was still running after {} s.",
        deadline.given.as_secs_f64()
    )
}

/// A run that was cut off: the last thing that happened is where to look.
fn open_ended(recording: &Recording) -> Seen {
    Seen {
        recording: recording.clone(),
        marked: recording.events.len().checked_sub(1),
        snapshot: None,
        expected: None,
        holders: Vec::new(),
    }
}

/// The innermost call that was entered and not left: where a run hangs.
fn call_without_an_end(recording: &Recording) -> Option<String> {
    let mut open = Vec::new();
    for event in &recording.events {
        match &event.what {
            What::Enters(call) => open.push(format!("{} {call}", event.track)),
            What::Leaves(_) => _ = open.pop(),
            _ => {}
        }
    }
    open.pop()
}

/// Where a run first differs from a snapshot, as an index of its lines and as a sentence; `None` if it does not.
fn departure(yours: &str, expected: &[String]) -> Option<(usize, String)> {
    let yours: Vec<&str> = yours.lines().map(str::trim_end).collect();
    let longest = yours.len().max(expected.len());
    let differs =
        |&line: &usize| yours.get(line).copied() != expected.get(line).map(|line| line.trim_end());
    // A longer time or track further down moves the columns of every line.
    let says_else = |&line: &usize| {
        let yours = yours.get(line).map(|line| without_number(line));
        yours != expected.get(line).map(|line| without_number(line))
    };
    let line = (0..longest)
        .find(says_else)
        .or_else(|| (0..longest).find(differs))?;
    let is = |line: Option<&str>| without_number(line.unwrap_or_default());
    let sentence = if line == yours.len() {
        format!(
            "Your run ends after line {line}. Expected next: “{}”.",
            is(expected.get(line).map(String::as_str))
        )
    } else if line == expected.len() {
        format!(
            "After line {line} nothing more is expected, and your run goes on: “{}”.",
            is(yours.get(line).copied())
        )
    } else {
        format!(
            "Line {} of your run is “{}”. Expected: “{}”.",
            line + 1,
            is(yours.get(line).copied()),
            is(expected.get(line).map(String::as_str))
        )
    };
    Some((line, sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn departure_of(yours: &str, expected: &[&str]) -> Option<String> {
        let expected: Vec<String> = expected.iter().map(|&line| line.to_owned()).collect();
        departure(yours, &expected).map(|(_, sentence)| sentence)
    }

    #[test]
    fn a_run_departs_where_it_first_differs() {
        assert_eq!(
            departure_of(" 1  x  a\n 2  x  b\n", &[" 1  x  a", " 2  x  c"]).unwrap(),
            "Line 2 of your run is “x: b”. Expected: “x: c”."
        );
        assert_eq!(
            departure_of(
                " 1       x  a\n 2  10ns  x  b\n",
                &[" 1      x  a", " 2  9ns  x  b"]
            )
            .unwrap(),
            "Line 2 of your run is “10ns: x: b”. Expected: “9ns: x: b”."
        );
        assert!(
            departure_of("a\n", &["a", "b"])
                .unwrap()
                .contains("ends after line 1")
        );
        assert!(
            departure_of("a\nb\n", &["a"])
                .unwrap()
                .contains("After line 1 nothing more is expected")
        );
    }

    #[test]
    fn a_run_hangs_in_the_innermost_call_that_has_no_end() {
        let recorder = probe::Recorder::new();
        let outer = recorder.enters("both", "resume(1)");
        recorder.enters("first", "resume(1)").returns("yields 10");
        let inner = recorder.enters("second", "resume(1)");
        let call = call_without_an_end(&recorder.recording());
        assert_eq!(call.as_deref(), Some("second resume(1)"));
        inner.returns("yields 20");
        outer.returns("yields 20");
        assert_eq!(call_without_an_end(&recorder.recording()), None);
    }

    #[test]
    fn a_run_that_is_equal_departs_nowhere() {
        assert_eq!(departure_of("a\nb\n", &["a", "b"]), None);
    }
}
