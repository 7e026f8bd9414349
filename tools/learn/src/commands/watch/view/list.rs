//! The list of exercises, as it is searched.

use ratatui_core::style::Modifier;
use ratatui_core::text::{Line, Span};

use super::course::sign;
use super::inked;
use crate::commands::watch::list::List;
use crate::commands::watch::map::Place;
use crate::commands::watch::state::State;
use crate::screen::paint::Ink;

/// What was typed, and the exercises that match, around the chosen one.
pub(super) fn lines(list: &List, state: &State, height: usize) -> Vec<Line<'static>> {
    let matching = list.matching(&state.map);
    let mut lines = vec![
        Line::from(vec![
            inked(" find: ", Ink::Strong, state),
            Span::raw(list.words.clone()),
            inked("▏", Ink::Strong, state),
        ]),
        Line::default(),
    ];
    if matching.is_empty() {
        lines.push(Line::raw(
            " No exercise matches. Esc shows all of them again.",
        ));
        return lines;
    }
    let mut rows = Vec::new();
    let mut chosen = 0;
    let mut folder = "";
    for (number, (chapter, place)) in matching.into_iter().enumerate() {
        if folder != chapter.folder {
            folder = &chapter.folder;
            let count = format!("   {} solved", chapter.count());
            rows.push(Line::from(vec![
                inked(
                    format!(" {} · {}", chapter.folder, chapter.title),
                    Ink::Strong,
                    state,
                ),
                inked(count, Ink::Faint, state),
            ]));
        }
        if number == list.chosen {
            chosen = rows.len();
        }
        rows.push(row(place, number == list.chosen, state));
    }
    let room = height.saturating_sub(lines.len()).max(1);
    // The chosen one stands in the middle, but for the beginning and the end.
    let above = (chosen + 1)
        .saturating_sub(room / 2)
        .min(rows.len().saturating_sub(room));
    lines.extend(rows.into_iter().skip(above).take(room));
    lines
}

/// `12 of 38`.
pub(super) fn count(list: &List, state: &State) -> String {
    let all = state.map.places().count();
    format!("{} of {all}", list.matching(&state.map).len())
}

fn row(place: &Place, chosen: bool, state: &State) -> Line<'static> {
    let (sign, ink) = sign(place.state);
    let mark = if chosen { "▸" } else { " " };
    let optional = if place.optional { ", optional" } else { "" };
    let text = format!(
        " {:<5}{:<22} {}, {}, {} min{optional}",
        place.number,
        place.name,
        place.title,
        place.kind.name(),
        place.minutes
    );
    let line = Line::from(vec![
        Span::raw(format!("  {mark} ")),
        inked(sign, ink, state),
        Span::raw(text),
    ]);
    if chosen {
        line.style(Modifier::REVERSED)
    } else {
        line
    }
}
