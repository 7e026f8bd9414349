//! What fills the screen, as lines.

use ratatui_core::text::Line;

use super::{READABLE, bars, course, list, paint};
use crate::commands::watch::state::{Page, State, Work};
use crate::judging::traces::Traced;
use crate::judging::verdict::Kind;
use crate::learner::progress;
use crate::screen::paint::{Ink, Paint, wrap};
use crate::screen::verdict::Place;
use crate::screen::{self, ansi, comparison, markdown};
use ::course::names::name_of;

/// The whole page, its hidden part included; a list is as high as the screen.
pub(super) fn lines(state: &State) -> Vec<Line<'static>> {
    let paint = paint(state);
    match &state.page {
        Page::Verdict => verdict(state, paint),
        Page::Text { text, .. } => fitted(text, paint),
        Page::Book { markdown, open, .. } => {
            let drawn = ansi::lines(&markdown::draw_with_folds(markdown, open, paint));
            ansi::window(drawn, state.sideways, paint.width)
        }
        Page::Comparison { mine, reference } => {
            fitted(&comparison::draw(mine, reference, paint), paint)
        }
        Page::Trace(traced) => fitted(&trace(traced, paint), paint),
        Page::List(list) => list::lines(list, state, super::body_height(state)),
        Page::Help => fitted(HELP, paint),
    }
}

/// How far the drawings of the page reach beyond the screen.
pub(super) fn beyond(state: &State) -> usize {
    match &state.page {
        Page::Book { markdown, open, .. } => {
            let paint = paint(state);
            let drawn = ansi::lines(&markdown::draw_with_folds(markdown, open, paint));
            ansi::beyond(&drawn, paint.width)
        }
        _ => 0,
    }
}

/// The folded answers whose lines are among these of the page, counted from 0.
pub(super) fn folds(state: &State, shown: std::ops::Range<usize>) -> Vec<usize> {
    let lines = lines(state);
    let folds = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| markdown::fold_in(&line.to_string()).is_some());
    folds
        .enumerate()
        .filter(|(_, (place, _))| shown.contains(place))
        .map(|(fold, _)| fold)
        .collect()
}

fn fitted(text: &str, paint: Paint) -> Vec<Line<'static>> {
    ansi::fit(ansi::lines(text), paint.width)
}

fn verdict(state: &State, paint: Paint) -> Vec<Line<'static>> {
    let shown = state.verdict.as_deref();
    let Some(verdict) = shown.filter(|_| !state.shows_the_start()) else {
        return start(state, paint);
    };
    let place = Place::Screen(super::usual_height(state));
    let text = screen::verdict::body(&state.exercise, verdict, place, paint);
    let mut lines = fitted(&text, paint);
    match verdict.kind {
        Kind::NotStarted => {
            lines.extend(fitted(&format!("\n{}\n", read_first(state)), paint));
            with_overview(&mut lines, state, paint);
        }
        Kind::Passed => {
            lines.extend(fitted(&after_success(state), paint));
            with_overview(&mut lines, state, paint);
        }
        _ => {}
    }
    lines
}

/// Before there is a verdict: what is to do, what to read, where the learner is.
fn start(state: &State, paint: Paint) -> Vec<Line<'static>> {
    let first_step = state.exercise.kind.first_step();
    let sentence = match (state.untouched, state.work) {
        (true, _) => {
            format!("Not started yet. This is expected: open the file, {first_step}, and save.")
        }
        (false, Work::NoText(lacks)) => bars::sentence_about(lacks, state),
        (false, Work::Checking(_)) => {
            "You have begun this one, and your version of it is being checked.".to_owned()
        }
        (false, _) => "You have begun this one: r checks your version of it.".to_owned(),
    };
    let what = format!(
        "{} ({}, about {} min)",
        state.exercise.title,
        state.exercise.kind.name(),
        state.exercise.minutes
    );
    let text = format!(
        "{}\n\n{}\n{}\n",
        wrap(&what, paint.width.min(READABLE)),
        wrap(&sentence, paint.width.min(READABLE)),
        read_first(state)
    );
    let mut lines = fitted(&text, paint);
    with_overview(&mut lines, state, paint);
    lines
}

fn read_first(state: &State) -> String {
    format!(
        " Read first: book/pages/{} (b shows it here)",
        state.exercise.page
    )
}

/// The word that belongs to the exercise, and what comes next.
fn after_success(state: &State) -> String {
    let next = match state.map.to_do_after(&state.exercise.id) {
        Some(next) => format!(" n goes on: {} {}, {}", next.number, next.name, next.title),
        None => " That was the last one: everything is solved or skipped.".to_owned(),
    };
    let compare = " c compares your file with the reference answer";
    format!("\n{}\n{next}\n{compare}\n", state.word.trim_end())
}

/// Where the map has no room beside the page, it stands below.
fn with_overview(lines: &mut Vec<Line<'static>>, state: &State, paint: Paint) {
    if usize::from(state.size.width) == paint.width {
        lines.push(Line::default());
        lines.extend(course::overview(state, paint.width));
    }
}

/// A test, its run as a picture, and why it fails.
fn trace(traced: &Traced, paint: Paint) -> String {
    let mut text = format!("{}\n\n", wrap(&traced.test, paint.width));
    match &traced.seen {
        Some(seen) => text.push_str(&screen::picture::draw(
            &screen::picture::of(seen),
            screen::picture::letters(),
            paint,
        )),
        None => text.push_str(" This test recorded no run.\n"),
    }
    if let Some(finding) = &traced.finding {
        text.push('\n');
        if let Some(code) = &finding.mistake {
            text.push_str(&format!(" {}\n", paint.ink(Ink::Attention, name_of(code))));
        }
        text.push_str(&wrap(&finding.sentence, paint.width.min(READABLE)));
    }
    text
}

/// The state of the exercise in one word, for who sees no colours.
pub(super) fn state_in_words(state: progress::State) -> &'static str {
    match state {
        progress::State::NotStarted => "not started",
        progress::State::Unfinished => "begun",
        progress::State::Solved => "solved",
        progress::State::Skipped => "skipped",
    }
}

/// All keys.
const HELP: &str = " About this exercise
   e      open it in your editor (VISUAL or EDITOR)
   h      the next hint; there are three, each stronger than the one before
   x      the mistake that the verdict named, explained at length
   t      the run of your code as a picture
   b      the page of the book that belongs to it, here; B in your browser
          a opens a folded answer, < and > move a wide drawing
   s      the reference answer; it asks first, if you have not solved this one
   c      your file beside the reference answer, once this one is solved
   r      check once more
   z      back to the beginning; it asks first, and keeps your version aside

 From one exercise to another
   n      on to the next one that is to do, once this one is solved
   k      skip this one and go on; it asks first
   ← →    the exercise before and after, solved or not; p is ←
   l      every exercise: type to search, ↑ ↓ choose, Enter opens

 On the screen
   ↑ ↓ PgUp PgDn Home End   where there is more than fits; Esc goes back
   Ctrl-Z into the background, Ctrl-L draws anew, q quits; nothing is lost
";
