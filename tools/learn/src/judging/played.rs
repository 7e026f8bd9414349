//! The run of a test, to be stepped through beside the learner's source.
//!
//! The test is run once more, with a recorder that notes the line behind each event and which track keeps which waker. That run is
//! shown if it is the same run; if the second time went another way, the first one is, without lines.

use std::path::Path;

use anyhow::Result;
use picture::play::{Play, Source};
use picture::svg::{self, Notes};
use picture::{Picture, player};
use probe::report::Entry;
use probe::{Event, Recording, What};

use crate::judging::check::Options;
use crate::judging::test::{self, Deadline};
use crate::judging::verdict::{Finding, Seen};
use course::course::{Course, Exercise};
use course::files;
use course::names::name_of;

/// What is asked for: a test of a built check, and what was seen of it.
pub struct Asked<'a> {
    /// The course.
    pub course: &'a Course,
    /// The exercise.
    pub exercise: &'a Exercise,
    /// The judged file.
    pub subject: &'a Path,
    /// The built check.
    pub program: &'a Path,
    /// The test's sentence.
    pub test: &'a str,
    /// Its run.
    pub seen: &'a Seen,
    /// What is wrong with it, if anything is.
    pub finding: Option<&'a Finding>,
}

impl Asked<'_> {
    /// The page in which the run can be stepped through; `title` stands above it.
    ///
    /// # Errors
    ///
    /// If the program or the source cannot be read, or [`Stopped`](crate::stop::Stopped).
    pub fn page(&self, title: &str, options: &Options) -> Result<String> {
        let path = self.course.shown(self.subject);
        let source = Source::whole(&path, &files::read_text(self.subject)?);
        let (recording, marked) = match self.watched(&path, options)? {
            Some(watched) => {
                let marked = self.seen.marked.and_then(|event| told(&watched, event));
                (watched, marked)
            }
            None => (self.seen.recording.clone(), self.seen.marked),
        };
        let play = Play::of(title, &recording, marked, Some(source));
        let picture = Picture::of(&recording, marked);
        let image = svg::draw_wide(&picture, "run", title, Notes::Outside, svg::PAGE_COLUMNS);
        let right = self.finding.and(self.seen.expected_lines(self.exercise));
        let right = right.map(|lines| lines.join("\n"));
        Ok(player::page(
            &play,
            &image,
            &self.verdict(),
            right.as_deref(),
        ))
    }

    /// What the terminal says below the run: the mistake's name, if it has one, and what was seen.
    fn verdict(&self) -> Vec<String> {
        let Some(finding) = self.finding else {
            return Vec::new();
        };
        let explained = |code: &String| {
            let name = name_of(code);
            format!("{name} (cargo learn explain {name})")
        };
        let mistake = finding.mistake.iter().map(explained);
        mistake.chain([finding.sentence.clone()]).collect()
    }

    /// The same run, with lines and wakers.
    fn watched(&self, file: &str, options: &Options) -> Result<Option<Recording>> {
        let tests = test::of(self.exercise)?;
        let mut tests = tests.iter();
        let Some(test) = tests.find(|test| test.sentence() == self.test) else {
            return Ok(None);
        };
        let (course, program) = (self.course, self.program);
        let deadline = Deadline::from_now(options.deadline);
        let file = Some(file);
        let trial = test::watched(course, program, test, file, deadline, &options.stop)?;
        let recordings = trial.report.into_iter().filter_map(recording);
        let mut same = recordings.filter(|watched| is_same(watched, &self.seen.recording));
        Ok(same.next_back())
    }
}

fn recording(entry: Entry) -> Option<Recording> {
    match entry {
        Entry::Snapshot { recording, .. }
        | Entry::Hung { recording }
        | Entry::Crumb { recording, .. } => Some(recording),
        Entry::Diagnosis(diagnosis) => Some(diagnosis.recording),
        _ => None,
    }
}

/// Whether an event is recorded without a file to watch as well.
fn is_told(event: &Event) -> bool {
    !event.what.is_silent() && !matches!(event.what, What::Kept { .. })
}

/// Whether the runs are one, but for what only the watched one tells.
fn is_same(watched: &Recording, seen: &Recording) -> bool {
    let told = watched.events.iter().filter(|event| is_told(event));
    let seen = seen.events.iter();
    told.map(|event| (&event.at, &event.track, &event.what))
        .eq(seen.map(|event| (&event.at, &event.track, &event.what)))
}

/// The place in the watched run of an event of the other.
fn told(watched: &Recording, event: usize) -> Option<usize> {
    let events = watched.events.iter().enumerate();
    let mut told = events.filter(|(_, event)| is_told(event));
    told.nth(event).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(track: &str, what: What) -> Event {
        Event {
            at: std::time::Duration::ZERO,
            track: track.to_owned(),
            what,
            line: None,
        }
    }

    #[test]
    fn a_watched_run_is_the_same_run_with_more_in_it() {
        let kept = What::Kept {
            by: "sleep".to_owned(),
        };
        let seen = Recording {
            events: vec![event("a", What::Woken), event("a", What::Drops)],
        };
        let mut watched = seen.clone();
        watched.events.insert(1, event("a", kept));
        watched.events.insert(1, event("a", What::At));
        assert!(is_same(&watched, &seen));
        assert_eq!(told(&watched, 1), Some(3));
        watched.events.pop();
        assert!(!is_same(&watched, &seen));
    }
}
