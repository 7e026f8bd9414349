//! The picture as text, for a terminal.
//!
//! ```text
//!          1         2         3         4         5
//!  future  [pending]┄[pending]┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
//!  A       [pending]                     ▲─✗
//!  B                 [pending]┄┄┄┄┄┄┄┄┄┄┄┼┄┄┄┄┄┄┄┄┄┄
//!  event                       [happens══╧════════]
//!
//!  At the end, B waits for future, and nothing has woken it.
//! ```
//!
//! A run that is too long for one line is folded into bands. The picture can be read without colour, and drawn with ASCII alone.

pub(crate) mod band;
pub(crate) mod grid;
pub(crate) mod shape;

use crate::model::Picture;
use crate::words;
use band::Band;
use shape::Shape;

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How many characters a line may have. Below 40, it is drawn as for 40.
    pub width: usize,
    /// Which characters may be used.
    pub letters: Letters,
    /// How much to draw.
    pub detail: Detail,
}

/// How much of a run is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The whole picture; below it what the signs mean, the wakes without a poll, and the tasks that wait at the end.
    Full,
    /// The tracks alone, for where the lines of the run stand beside it. A future that is only ever polled by others who have tracks
    /// needs none of its own: theirs show its polls.
    Brief,
}

/// Which characters a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letters {
    /// Lines and arrows.
    Unicode,
    /// Nothing beyond ASCII, but for the names and words of the recording itself.
    Ascii,
}

/// What a part of the picture is, so that it can be coloured. Without colours nothing is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Words and empty space.
    Plain,
    /// The axis, and what matters less.
    Faint,
    /// A name of a track.
    Name,
    /// A poll that was pending, and the wait after it.
    Waits,
    /// A call that reached its end.
    Done,
    /// Another call.
    Call,
    /// A wake, and its way to the poll.
    Wake,
    /// What went wrong: a panic, a wake without a poll, the event that is marked.
    Fault,
}

impl Options {
    /// Everything, in Unicode, in this number of columns.
    #[must_use]
    pub fn wide(width: usize) -> Options {
        Options {
            width,
            letters: Letters::Unicode,
            detail: Detail::Full,
        }
    }
}

/// Draws the picture without colours. Each line ends with a line feed, and none with spaces.
#[must_use]
pub fn draw(picture: &Picture, options: &Options) -> String {
    paint(picture, options, |_, text| text.to_owned())
}

/// Draws the picture with the colours that `ink` gives to its parts.
pub fn paint(picture: &Picture, options: &Options, ink: impl Fn(Style, &str) -> String) -> String {
    if picture.steps.is_empty() {
        return format!(" {}\n", words::story(picture));
    }
    let shape = Shape::of(picture, options);
    let mut bands = Vec::new();
    for band in Band::all(picture, &shape) {
        bands.push(band.draw(&ink));
    }
    let mut drawn = bands.join("\n");
    let mut below: Vec<(Style, String)> = Vec::new();
    if options.detail == Detail::Full {
        below.extend(shape.key(picture).map(|key| (Style::Faint, key)));
        let notes = short(words::notes(picture)).into_iter();
        below.extend(notes.map(|note| (Style::Plain, note)));
    }
    if !below.is_empty() {
        drawn.push('\n');
    }
    for (style, text) in below {
        for line in wrapped(&text, shape.width) {
            drawn.push(' ');
            drawn.push_str(&ink(style, &line));
            drawn.push('\n');
        }
    }
    drawn
}

/// A picture is for looking at: no more than four sentences below it.
pub(crate) fn short(mut notes: Vec<String>) -> Vec<String> {
    const AT_MOST: usize = 4;
    if notes.len() > AT_MOST {
        let more = notes.len() - (AT_MOST - 1);
        notes.truncate(AT_MOST - 1);
        notes.push(format!("And {more} more of this kind."));
    }
    notes
}

pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always one");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() >= width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
        .into_iter()
        .map(|line| line.trim_end().to_owned())
        .collect()
}
