//! The map of the course.

use ratatui_core::layout::Rect;
use ratatui_core::text::{Line, Span};

use super::{ends, inked};
use crate::commands::watch::map::{Chapter, Place};
use crate::commands::watch::state::State;
use crate::learner::progress;
use crate::screen::paint::{Ink, shortened};

const TITLE: &str = "From Yield to Await";

/// The sign of how far an exercise is.
pub(super) fn sign(state: progress::State) -> (&'static str, Ink) {
    match state {
        progress::State::NotStarted => ("○", Ink::Faint),
        progress::State::Unfinished => ("◐", Ink::Attention),
        progress::State::Solved => ("●", Ink::Good),
        progress::State::Skipped => ("–", Ink::Faint),
    }
}

/// A line for each chapter, with a sign for each exercise.
pub(super) fn overview(state: &State, width: usize) -> Vec<Line<'static>> {
    let width = width.min(72);
    let title = vec![inked(format!(" {TITLE}"), Ink::Strong, state)];
    let count = vec![Span::raw(state.map.count())];
    let mut lines = vec![ends(title, count, width)];
    lines.extend(route(state, width));
    let widest = state
        .map
        .chapters
        .iter()
        .map(|chapter| chapter.folder.len())
        .max()
        .unwrap_or(0);
    for chapter in &state.map.chapters {
        let here = if is_here(chapter, state) { "▸" } else { " " };
        let mut spans = vec![Span::raw(format!(" {here} {:<widest$} ", chapter.folder))];
        for place in &chapter.places {
            let (sign, ink) = sign(place.state);
            spans.push(Span::raw(" "));
            spans.push(inked(sign, ink, state));
        }
        lines.push(Line::from(spans));
    }
    lines.push(Line::default());
    lines.push(Line::from(inked(
        "   ● solved   ◐ begun   ○ not started   – skipped",
        Ink::Faint,
        state,
    )));
    lines
}

/// The route that the learner follows, and how much of it is solved.
fn route(state: &State, width: usize) -> Option<Line<'static>> {
    let route = state.map.route()?;
    Some(Line::raw(shortened(&format!(" {route}"), width)))
}

/// The map beside the page: the chapters, and the exercises of the one where the learner is.
pub(super) fn panel(state: &State, area: Rect) -> Vec<Line<'static>> {
    let width = usize::from(area.width) - 3;
    let mut lines = vec![
        Line::from(inked(format!(" {TITLE}"), Ink::Strong, state)),
        Line::raw(format!(" {}", state.map.count())),
    ];
    lines.extend(route(state, width));
    lines.push(Line::default());
    let mut here = 0;
    for chapter in &state.map.chapters {
        let open = is_here(chapter, state);
        let name = Span::raw(format!(" {}", chapter.folder));
        lines.push(ends(vec![name], vec![Span::raw(chapter.count())], width));
        if open {
            for place in &chapter.places {
                if place.id == state.exercise.id {
                    here = lines.len();
                }
                lines.push(exercise(place, state));
            }
        }
    }
    let height = usize::from(area.height);
    let above = (here + 3)
        .saturating_sub(height)
        .min(lines.len().saturating_sub(height));
    let shown = lines.into_iter().skip(above);
    let empty = std::iter::repeat_with(Line::default);
    let border = |line: Line<'static>| {
        let gap = (usize::from(area.width) - 2).saturating_sub(line.width());
        let mut spans = line.spans;
        spans.push(Span::raw(" ".repeat(gap)));
        spans.push(inked("│", Ink::Faint, state));
        Line::from(spans)
    };
    shown.chain(empty).take(height).map(border).collect()
}

fn exercise(place: &Place, state: &State) -> Line<'static> {
    let (sign, ink) = sign(place.state);
    let (mark, name) = if place.id == state.exercise.id {
        ("▸", Ink::Strong)
    } else {
        (" ", Ink::Faint)
    };
    let room = 22;
    let shown: String = if place.name.chars().count() > room {
        let begin: String = place.name.chars().take(room - 1).collect();
        format!("{begin}…")
    } else {
        place.name.clone()
    };
    Line::from(vec![
        Span::raw(format!("  {mark} ")),
        inked(sign, ink, state),
        inked(format!(" {:<4} {shown}", place.number), name, state),
    ])
}

fn is_here(chapter: &Chapter, state: &State) -> bool {
    chapter
        .places
        .iter()
        .any(|place| place.id == state.exercise.id)
}
