//! Recordings from their text form, as snapshots hold them.

use std::time::Duration;

use probe::{Event, Recording, What};

/// The mark that a verdict sets behind a line.
const MARK: &str = "◂── here";

/// A recording, and the event that is marked in it.
///
/// The text form does not say everything: whether `a → b` was a call or a saying, for one. What is read is drawn the same, and has
/// the same text form again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The events.
    pub recording: Recording,
    /// The event of the line with `◂── here` behind it.
    pub marked: Option<usize>,
}

/// Reads a recording's text form.
///
/// # Errors
///
/// With a sentence that names the line, if it is none.
pub fn parse(text: &str) -> Result<Parsed, String> {
    let rows = text.lines().filter(|line| !line.trim().is_empty());
    let rows: Vec<Row<'_>> = rows.enumerate().map(Row::cut).collect::<Result<_, _>>()?;
    let has_times = rows.iter().any(|row| row.rest.starts_with(' '))
        || (!rows.is_empty() && rows.iter().all(|row| time(row.first_word()).is_some()));
    let mut parsed = Parsed::default();
    let mut now = Duration::ZERO;
    let mut lines = Vec::new();
    for row in &rows {
        let rest = if has_times {
            row.after_time(&mut now)
        } else {
            row.rest
        };
        let (track, text) = rest.split_once("  ").ok_or_else(|| row.complaint())?;
        lines.push((now, track, text, row.marked));
    }
    // The track's column is as wide as its widest name, so the indentation is what goes beyond it.
    let widest = lines
        .iter()
        .map(|(_, track, ..)| track.chars().count())
        .max()
        .unwrap_or(0);
    let lines: Vec<Line<'_>> = lines
        .into_iter()
        .map(|line| Line::new(line, widest))
        .collect();
    for (place, line) in lines.iter().enumerate() {
        let deeper = lines
            .get(place + 1)
            .is_some_and(|next| next.depth > line.depth);
        let last = place + 1 == lines.len();
        for what in line.events(deeper || last && line.text.starts_with("polled")) {
            parsed.recording.events.push(Event {
                at: line.at,
                track: line.track.to_owned(),
                what,
                line: None,
            });
        }
        if line.marked {
            parsed.marked = Some(parsed.recording.events.len() - 1);
        }
    }
    Ok(parsed)
}

/// A line without its number and mark.
struct Row<'a> {
    number: usize,
    rest: &'a str,
    marked: bool,
}

impl<'a> Row<'a> {
    fn cut((place, line): (usize, &'a str)) -> Result<Row<'a>, String> {
        let number = place + 1;
        let complaint = || format!("Line {number} is none of a recording's text form.");
        let (digits, rest) = line.trim_start().split_once("  ").ok_or_else(complaint)?;
        if digits.parse() != Ok(number) {
            return Err(complaint());
        }
        let unmarked = rest.trim_end().strip_suffix(MARK);
        Ok(Row {
            number,
            rest: unmarked.unwrap_or(rest).trim_end(),
            marked: unmarked.is_some(),
        })
    }

    fn first_word(&self) -> &'a str {
        self.rest.split_whitespace().next().unwrap_or_default()
    }

    /// What follows the column of times; sets the clock if there is a time in it.
    fn after_time(&self, now: &mut Duration) -> &'a str {
        // Times stand at the right of their column, so a time is followed by exactly two spaces, and a track's name is not.
        let rest = self.rest.trim_start();
        let Some((word, after)) = rest.split_once("  ") else {
            return rest;
        };
        match time(word) {
            Some(at) if !after.starts_with(' ') => {
                *now = at;
                after
            }
            _ => rest,
        }
    }

    fn complaint(&self) -> String {
        format!("Line {} is none of a recording's text form.", self.number)
    }
}

struct Line<'a> {
    at: Duration,
    track: &'a str,
    depth: usize,
    text: &'a str,
    marked: bool,
}

impl<'a> Line<'a> {
    fn new(
        (at, track, text, marked): (Duration, &'a str, &'a str, bool),
        widest: usize,
    ) -> Line<'a> {
        let padding = widest - track.chars().count();
        let indentation = text.len() - text.trim_start().len();
        let depth = indentation.saturating_sub(padding) / 2;
        Line {
            at,
            track,
            depth,
            text: text.trim_start(),
            marked,
        }
    }

    fn events(&self, under_way: bool) -> Vec<What> {
        let text = self.text;
        match (text.strip_prefix("→ "), text.split_once(" → ")) {
            (Some(outcome), _) => vec![What::Leaves(outcome.to_owned())],
            (None, Some((call, outcome))) => {
                vec![
                    What::Enters(call.to_owned()),
                    What::Leaves(outcome.to_owned()),
                ]
            }
            (None, _) if under_way => vec![What::Enters(text.to_owned())],
            (None, None) => vec![match text {
                "woken" => What::Woken,
                "dropped" => What::Drops,
                says => What::Says(says.to_owned()),
            }],
        }
    }
}

/// A time as `Duration`'s own `Debug` writes it.
pub(crate) fn time(word: &str) -> Option<Duration> {
    let digits = word.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
    let (number, unit) = word.split_at(digits);
    let seconds = match unit {
        "s" => 1.0,
        "ms" => 1e-3,
        "µs" => 1e-6,
        "ns" => 1e-9,
        _ => return None,
    };
    let nanos = (number.parse::<f64>().ok()? * seconds * 1e9).round();
    // A virtual clock's nanoseconds are whole and far below what a float still counts exactly.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some(Duration::from_nanos(nanos as u64))
}
