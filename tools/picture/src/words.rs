//! What a picture shows, in sentences: the text alternative of an image, and the lines below a picture in the terminal.

use std::fmt::Write as _;

use crate::model::{Fate, Picture, Source, Wait, Wake};

/// What a reader should not miss: wakes without a poll, and tasks that wait when the recording ends. Empty where there is neither.
#[must_use]
pub fn notes(picture: &Picture) -> Vec<String> {
    let mut notes = Vec::new();
    let (due, not_due): (Vec<&Wake>, Vec<&Wake>) = picture.lost().partition(|wake| wake.awaited);
    if !not_due.is_empty() {
        let who = if tracks(&not_due).len() == 1 {
            "which does not wait"
        } else {
            "which do not wait"
        };
        notes.push(format!(
            "{}, {who} any more: no poll followed.",
            went_to(picture, &not_due)
        ));
    }
    if !due.is_empty() {
        notes.push(format!(
            "{}; the recording ends before a poll follows.",
            went_to(picture, &due)
        ));
    }
    let unpolled = picture
        .wakes
        .iter()
        .filter(|wake| matches!(wake.fate, Fate::Nothing | Fate::AtTheEnd));
    let woken = tracks(&unpolled.collect::<Vec<_>>());
    let waiting = picture
        .waiting_at_the_end()
        .filter(|wait| !woken.contains(&wait.track));
    notes.extend(waiting.map(|wait| waiting_still(picture, wait)));
    for sleep in picture.sleeps.iter().filter(|sleep| sleep.end.is_none()) {
        notes.push(format!(
            "{} sleeps when the recording ends.",
            picture.name(sleep.track)
        ));
    }
    notes
}

/// The whole run in words: its tracks, its wakes with what came of them, what is marked, and the [`notes`].
#[must_use]
pub fn story(picture: &Picture) -> String {
    let mut story = match picture.steps.len() {
        0 => return "A run in which nothing happened.".to_owned(),
        1 => "A run of one step".to_owned(),
        steps => format!("A run of {steps} steps"),
    };
    let names: Vec<&str> = picture
        .tracks
        .iter()
        .map(|track| track.name.as_str())
        .collect();
    let _ = match names.len() {
        1 => write!(story, " in one row, {}.", names[0]),
        tracks => write!(story, " in {tracks} rows: {}.", names.join(", ")),
    };
    for wake in &picture.wakes {
        let from = match wake.from {
            Source::Outside => "from outside".to_owned(),
            source => picture.track_of(source).map_or_else(String::new, |track| {
                if track == wake.track {
                    "by itself".to_owned()
                } else {
                    format!("by {}", picture.name(track))
                }
            }),
        };
        let _ = write!(
            story,
            " At {}, {} is woken {from}",
            wake.step + 1,
            picture.name(wake.track)
        );
        match wake.fate {
            Fate::Poll(poll) => {
                let _ = write!(
                    story,
                    ", and is polled at {}.",
                    picture.calls[poll].begin + 1
                );
            }
            Fate::Nothing => story.push_str(", and no poll follows."),
            Fate::AtTheEnd => story.push_str("; the recording ends before its next poll."),
            Fate::NotNeeded | Fate::NotShown => story.push('.'),
        }
    }
    if let Some(marked) = picture.marked {
        let _ = write!(
            story,
            " Step {} is marked: the test fails there.",
            marked + 1
        );
    }
    for note in notes(picture) {
        story.push(' ');
        story.push_str(&note);
    }
    story
}

/// `The wakes at 1 and 2 went to A`.
fn went_to(picture: &Picture, wakes: &[&Wake]) -> String {
    let mut steps: Vec<String> = wakes
        .iter()
        .map(|wake| (wake.step + 1).to_string())
        .collect();
    if steps.len() > 6 {
        steps = [&steps[..3], &["…".to_owned()], &steps[steps.len() - 1..]].concat();
    }
    let names: Vec<String> = tracks(wakes)
        .into_iter()
        .map(|track| picture.name(track).to_owned())
        .collect();
    let wakes = if wakes.len() == 1 { "wake" } else { "wakes" };
    format!(
        "The {wakes} at {} went to {}",
        listed(&steps),
        listed(&names)
    )
}

fn tracks(wakes: &[&Wake]) -> Vec<usize> {
    let mut tracks: Vec<usize> = wakes.iter().map(|wake| wake.track).collect();
    tracks.sort_unstable();
    tracks.dedup();
    tracks
}

fn waiting_still(picture: &Picture, wait: &Wait) -> String {
    let name = picture.name(wait.track);
    let mut names: Vec<String> = wait
        .what_for
        .iter()
        .map(|&track| picture.name(track).to_owned())
        .collect();
    names.dedup();
    let what_for = if names.is_empty() {
        String::new()
    } else {
        format!(" for {}", listed(&names))
    };
    format!("At the end, {name} waits{what_for}, and nothing has woken it.")
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

impl Picture {
    /// A track's name.
    #[must_use]
    pub fn name(&self, track: usize) -> &str {
        &self.tracks[track].name
    }
}
