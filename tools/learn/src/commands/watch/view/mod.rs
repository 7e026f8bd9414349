//! Drawing: a pure function of the session's state, its size included.
//!
//! ```text
//!            │ title          what the page is about
//!            │ file           where the page is about the exercise's file: its path
//!  map of    │
//!  the       │ page           the verdict, or what was asked for; it scrolls
//!  course,   │
//!  if there  │ message        a note or a question, if there is one
//!  is room   │ ── status ──   what is under way, how much more there is, how many are solved
//!            │ keys           two lines
//! ```

mod bars;
mod course;
mod list;
mod page;
#[cfg(test)]
mod tests;

use ratatui_core::layout::{Rect, Size};
use ratatui_core::style::{Color, Modifier, Style};
use ratatui_core::terminal::Frame;
use ratatui_core::text::{Line, Span};

use super::state::{Lacks, Page, State};
use crate::screen::paint::{Ink, Paint};

/// Below this size nothing can be shown that would be of use.
const SMALLEST: Size = Size::new(60, 16);

/// From this width on the map of the course stands beside the page.
const WITH_MAP: u16 = 132;

/// Wider lines than this are hard to read, and a title does not reach further.
const READABLE: usize = 100;

/// How wide the map is, with the line that sets it apart.
const MAP: u16 = 36;

/// What to do about a file that cannot be judged.
pub(super) fn sentence_about(lacks: Lacks, state: &State) -> String {
    bars::sentence_about(lacks, state)
}

/// Whether a terminal of this size is too small to work in.
pub(super) fn is_too_small(size: Size) -> bool {
    size.width < SMALLEST.width || size.height < SMALLEST.height
}

/// Draws everything.
pub(super) fn draw(state: &State, frame: &mut Frame<'_>) {
    let area = frame.area();
    if is_too_small(state.size) {
        return too_small(frame, area);
    }
    let layout = Layout::of(state);
    if let Some(map) = layout.map {
        lines(frame, map, &course::panel(state, map));
    }
    line(frame, layout.title, &bars::title(state));
    if let Some(file) = layout.file {
        line(frame, file, &bars::file(state));
    }
    let page = page::lines(state);
    let shown: Vec<Line<'_>> = page.into_iter().skip(state.scroll).collect();
    lines(frame, layout.page, &shown);
    lines(frame, layout.message, &bars::message(state));
    line(frame, layout.status, &bars::status(state, furthest(state)));
    lines(frame, layout.keys, &bars::keys(state));
}

/// How many lines of the page fit on the screen.
pub(super) fn body_height(state: &State) -> usize {
    usize::from(Layout::of(state).page.height)
}

/// How many lines of the page fit while there is no message: a verdict is not arranged anew because of one.
fn usual_height(state: &State) -> usize {
    body_height(state) + bars::message(state).len()
}

/// How far the page can be scrolled.
pub(super) fn furthest(state: &State) -> usize {
    page::lines(state).len().saturating_sub(body_height(state))
}

/// How far the page's drawings can be moved sideways.
pub(super) fn furthest_sideways(state: &State) -> usize {
    page::beyond(state)
}

/// The folded answers whose lines are on the screen, counted from 0.
pub(super) fn folds_on_screen(state: &State) -> Vec<usize> {
    page::folds(state, state.scroll..state.scroll + body_height(state))
}

/// How to write on the page.
pub(super) fn paint(state: &State) -> Paint {
    Paint {
        colour: state.colour,
        width: usize::from(width(state)),
    }
}

/// How wide the page is.
fn width(state: &State) -> u16 {
    if state.size.width >= WITH_MAP {
        state.size.width - MAP
    } else {
        state.size.width
    }
}

/// What stands where.
struct Layout {
    map: Option<Rect>,
    title: Rect,
    file: Option<Rect>,
    page: Rect,
    message: Rect,
    status: Rect,
    keys: Rect,
}

impl Layout {
    fn of(state: &State) -> Layout {
        let Size { width: all, height } = state.size;
        let width = width(state);
        let x = all - width;
        let message = u16::try_from(bars::message(state).len()).unwrap_or(0);
        let row = |y: u16, rows: u16| Rect::new(x, y.min(height), width, rows);
        // The title, the file and an empty line above; the status and two lines of keys below.
        let names_the_file = matches!(state.page, Page::Verdict);
        let above = if names_the_file { 3 } else { 2 };
        let page = height.saturating_sub(above + message + 3);
        Layout {
            map: (x > 0).then(|| Rect::new(0, 0, x, height)),
            title: row(0, 1),
            file: names_the_file.then(|| row(1, 1)),
            page: row(above, page),
            message: row(above + page, message),
            status: row(height.saturating_sub(3), 1),
            keys: row(height.saturating_sub(2), 2),
        }
    }
}

fn too_small(frame: &mut Frame<'_>, area: Rect) {
    let sentence = format!(
        "This window is too small for the course: from {} columns and {} lines on it is shown. q quits.",
        SMALLEST.width, SMALLEST.height
    );
    let fitted = crate::screen::ansi::fit(vec![Line::raw(sentence)], usize::from(area.width));
    lines(frame, area, &fitted);
}

fn lines(frame: &mut Frame<'_>, area: Rect, lines: &[Line<'_>]) {
    for (row, text) in area.rows().zip(lines) {
        line(frame, row, text);
    }
}

/// Draws a line. One that is too long ends with "…".
fn line(frame: &mut Frame<'_>, area: Rect, line: &Line<'_>) {
    let area = area.intersection(frame.area());
    if area.is_empty() {
        return;
    }
    let buffer = frame.buffer_mut();
    buffer.set_line(area.x, area.y, line, area.width);
    if line.width() > usize::from(area.width) {
        buffer[(area.right() - 1, area.y)].set_symbol("…");
    }
}

/// The style of an ink. Without colours, what stands out is bold.
fn style(ink: Ink, colour: bool) -> Style {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    match ink {
        Ink::Strong => bold,
        Ink::Faint if colour => Style::new().add_modifier(Modifier::DIM),
        Ink::Faint => Style::new(),
        Ink::Good if colour => Style::new().fg(Color::Green),
        Ink::Bad if colour => Style::new().fg(Color::Red),
        Ink::Attention if colour => Style::new().fg(Color::Yellow),
        Ink::Good | Ink::Bad | Ink::Attention => bold,
    }
}

fn inked(text: impl Into<String>, ink: Ink, state: &State) -> Span<'static> {
    Span::styled(text.into(), style(ink, state.colour))
}

/// Two texts at the two ends of a line.
fn ends(mut left: Vec<Span<'static>>, right: Vec<Span<'static>>, width: usize) -> Line<'static> {
    let used: usize = left.iter().chain(&right).map(Span::width).sum();
    if used + 2 > width {
        return Line::from(left);
    }
    left.push(Span::raw(" ".repeat(width - used - 1)));
    left.extend(right);
    Line::from(left)
}
