//! What happened in a run, and how it reads.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::{Event, What};

/// All events of one run, in the order in which they happened.
///
/// Its text form (`Display`) is what snapshots hold: one line an event, numbered, in fixed columns, with names instead of
/// addresses. A call that returns before anything else happens takes one line, `resume(3) → yields 4`; what happens during a
/// call stands indented between its two ends.
///
/// ```text
///  1  outer  resume(1)
///  2  inner    resume(1) → yields 10
///  3  outer  → yields 10
/// ```
///
/// Where the run simulates time, the moment stands before the track, and a line without one happened at the same moment as the
/// line above it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// The events, oldest first.
    pub events: Vec<Event>,
}

/// One line of a recording's text form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The track's name.
    pub track: String,
    /// What happened, indented by two spaces for each call that was under way.
    pub text: String,
    /// The last event that this line shows, as an index into [`Recording::events`].
    pub event: usize,
}

impl Recording {
    /// The lines of the text form, without numbers and padding.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut depth = 0_usize;
        let mut index = 0;
        while let Some(event) = self.events.get(index) {
            if let What::Leaves(_) = event.what {
                depth = depth.saturating_sub(1);
            }
            let (text, last) = match (self.whole_call(index), &event.what) {
                (Some((call, outcome, last)), _) => (format!("{call} → {outcome}"), last),
                (None, what) => (describe(what), index),
            };
            let enters = last == index && matches!(event.what, What::Enters(_));
            let last = last + self.silent_after(last);
            lines.push(Line {
                track: event.track.clone(),
                text: format!("{}{text}", "  ".repeat(depth)),
                event: last,
            });
            if enters {
                depth += 1;
            }
            index = last + 1;
        }
        lines
    }

    /// The number, from 1, of the line that shows an event.
    #[must_use]
    pub fn line_of(&self, event: usize) -> Option<usize> {
        let before = |line: &Line| line.event < event;
        let lines = self.lines();
        let number = lines.iter().take_while(|line| before(line)).count() + 1;
        (number <= lines.len()).then_some(number)
    }

    /// How many events after this one have no line of their own.
    fn silent_after(&self, index: usize) -> usize {
        let after = self.events[index + 1..].iter();
        after.take_while(|event| event.what.is_silent()).count()
    }

    /// The call that begins at `index`, its outcome, and the event of that, if nothing that has a line happened between the two.
    fn whole_call(&self, index: usize) -> Option<(&str, &str, usize)> {
        let last = index + 1 + self.silent_after(index);
        let (begin, end) = (self.events.get(index)?, self.events.get(last)?);
        match (&begin.what, &end.what) {
            (What::Enters(call), What::Leaves(outcome)) if begin.track == end.track => {
                Some((call, outcome, last))
            }
            _ => None,
        }
    }
}

fn describe(what: &What) -> String {
    match what {
        What::Enters(call) => call.clone(),
        What::Leaves(outcome) => format!("→ {outcome}"),
        What::Woken => "woken".to_owned(),
        What::Drops => "dropped".to_owned(),
        What::Says(text) => text.clone(),
        What::Kept { by } => format!("its waker is kept by {by}"),
        What::LetGo { by } => format!("its waker is let go by {by}"),
        What::At => "is here".to_owned(),
    }
}

impl fmt::Display for Recording {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines();
        let times = self.times(&lines);
        let digits = lines.len().to_string().len().max(2);
        let (time, track) = (
            widest(times.iter()),
            widest(lines.iter().map(|line| &line.track)),
        );
        for (index, line) in lines.iter().enumerate() {
            let number = index + 1;
            write!(out, "{number:>digits$}  ")?;
            if time > 0 {
                write!(out, "{:>time$}  ", times[index])?;
            }
            writeln!(out, "{:<track$}  {}", line.track, line.text)?;
        }
        Ok(())
    }
}

impl Recording {
    /// The moment of each line, where it differs from that of the line before.
    fn times(&self, lines: &[Line]) -> Vec<String> {
        let mut last = Duration::ZERO;
        let time = |line: &Line| {
            let now = self.events[line.event].at;
            let text = if now == last {
                String::new()
            } else {
                format!("{now:?}")
            };
            last = now;
            text
        };
        lines.iter().map(time).collect()
    }
}

fn widest<'a>(texts: impl Iterator<Item = &'a String>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or(0)
}
