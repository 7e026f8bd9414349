//! Text with colours, as a full-screen terminal shows it: escape sequences become styles, long lines go on below.

use anstyle_parse::{DefaultCharAccumulator, Params, Parser, Perform};
use ratatui_core::style::{Color, Modifier, Style};
use ratatui_core::text::{Line, Span};

/// How wide a tab is.
const TAB: &str = "    ";

/// The lines of a text. Colors stay; every other control sequence is left out.
#[must_use]
pub fn lines(text: &str) -> Vec<Line<'static>> {
    let mut parser = Parser::<DefaultCharAccumulator>::new();
    let mut reader = Reader::default();
    for byte in text.bytes() {
        parser.advance(&mut reader, byte);
    }
    if !reader.spans.is_empty() || !reader.piece.is_empty() {
        reader.end_line();
    }
    reader.lines
}

/// The same lines, none wider than `width`: the rest of a longer one stands below it, a little further in.
#[must_use]
pub fn fit(lines: Vec<Line<'static>>, width: usize) -> Vec<Line<'static>> {
    lines
        .into_iter()
        .flat_map(|line| {
            if line.width() <= width {
                vec![line]
            } else {
                broken(&line, width)
            }
        })
        .collect()
}

/// The same lines, cut to what a screen of this width shows from column `from` on. Only drawings and tables move sideways:
/// lines that stand together with one that is too wide. A mark stands where a line goes on.
#[must_use]
pub fn window(lines: Vec<Line<'static>>, from: usize, width: usize) -> Vec<Line<'static>> {
    let mut shown = Vec::with_capacity(lines.len());
    for block in lines.chunk_by(|one, other| is_drawn(one) == is_drawn(other)) {
        let moves = is_drawn(&block[0]) && block.iter().any(|line| line.width() > width);
        let moved = block.iter().map(|line| match moves {
            true => part(line, from, width),
            false => line.clone(),
        });
        shown.extend(moved);
    }
    shown
}

/// How far the widest drawing reaches beyond a width.
#[must_use]
pub fn beyond(lines: &[Line<'static>], width: usize) -> usize {
    let drawn = lines.iter().filter(|line| is_drawn(line));
    let widest = drawn.map(Line::width).max().unwrap_or(0);
    widest.saturating_sub(width)
}

/// Whether a line is part of a drawing, a program or a table, and not of a paragraph.
fn is_drawn(line: &Line<'static>) -> bool {
    let begin: String = line.iter().map(|span| &*span.content).collect();
    begin.is_empty() || begin.starts_with("    ") || begin.starts_with(" |")
}

/// The cells of a line from column `from` on.
fn part(line: &Line<'static>, from: usize, width: usize) -> Line<'static> {
    let mut cells: Vec<Cell> = cells(line);
    let is_cut = cells.len() > from + width;
    cells.drain(..from.min(cells.len()));
    cells.truncate(width);
    let mark = |cell: &mut Cell, sign: &str| sign.clone_into(&mut cell.symbol);
    if from > 0 && cells.first().is_some_and(|cell| cell.symbol != " ") {
        mark(&mut cells[0], "…");
    }
    if is_cut && let Some(last) = cells.last_mut() {
        mark(last, "…");
    }
    let spans: Vec<Span<'static>> = cells
        .into_iter()
        .map(|cell| Span::styled(cell.symbol, cell.style))
        .collect();
    Line::from(spans)
}

/// What is read of a text.
#[derive(Default)]
struct Reader {
    lines: Vec<Line<'static>>,
    spans: Vec<Span<'static>>,
    piece: String,
    style: Style,
}

impl Reader {
    fn end_piece(&mut self) {
        if !self.piece.is_empty() {
            let piece = std::mem::take(&mut self.piece);
            self.spans.push(Span::styled(piece, self.style));
        }
    }

    fn end_line(&mut self) {
        self.end_piece();
        self.lines.push(Line::from(std::mem::take(&mut self.spans)));
    }
}

impl Perform for Reader {
    fn print(&mut self, char: char) {
        self.piece.push(char);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' => self.end_line(),
            b'\t' => self.piece.push_str(TAB),
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], _: bool, action: u8) {
        if action == b'm' && intermediates.is_empty() {
            self.end_piece();
            let numbers: Vec<u16> = params.iter().flatten().copied().collect();
            self.style = styled(self.style, &numbers);
        }
    }
}

/// The style after a sequence of graphic renditions.
fn styled(mut style: Style, mut numbers: &[u16]) -> Style {
    while let [first, rest @ ..] = numbers {
        numbers = rest;
        style = match first {
            0 => Style::default(),
            1 => style.add_modifier(Modifier::BOLD),
            2 => style.add_modifier(Modifier::DIM),
            3 => style.add_modifier(Modifier::ITALIC),
            4 => style.add_modifier(Modifier::UNDERLINED),
            7 => style.add_modifier(Modifier::REVERSED),
            22 => style.remove_modifier(Modifier::BOLD | Modifier::DIM),
            30..=37 => style.fg(Color::Indexed((first - 30) as u8)),
            90..=97 => style.fg(Color::Indexed((first - 90 + 8) as u8)),
            39 => style.fg(Color::Reset),
            38 => match rest {
                [5, colour, rest @ ..] => {
                    numbers = rest;
                    style.fg(Color::Indexed(*colour as u8))
                }
                [2, red, green, blue, rest @ ..] => {
                    numbers = rest;
                    style.fg(Color::Rgb(*red as u8, *green as u8, *blue as u8))
                }
                _ => style,
            },
            _ => style,
        };
    }
    style
}

/// A character with what belongs to it, as wide as it is shown.
struct Cell {
    symbol: String,
    style: Style,
    width: usize,
}

fn cells(line: &Line<'static>) -> Vec<Cell> {
    line.styled_graphemes(Style::default())
        .map(|grapheme| Cell {
            width: Span::raw(grapheme.symbol).width(),
            symbol: grapheme.symbol.to_owned(),
            style: grapheme.style,
        })
        .collect()
}

fn broken(line: &Line<'static>, width: usize) -> Vec<Line<'static>> {
    let cells = cells(line);
    let margin = cells.iter().take_while(|cell| cell.symbol == " ").count() + 2;
    let indent = if margin * 2 < width { margin } else { 0 };
    let mut lines = Vec::new();
    let mut rest = &cells[..];
    while !rest.is_empty() {
        let before = if lines.is_empty() { 0 } else { indent };
        let (now, later) = rest.split_at(how_many(rest, width.saturating_sub(before)));
        let mut spans = vec![Span::raw(" ".repeat(before))];
        spans.extend(
            now.iter()
                .map(|cell| Span::styled(cell.symbol.clone(), cell.style)),
        );
        lines.push(Line::from(spans));
        let spaces = later.iter().take_while(|cell| cell.symbol == " ").count();
        rest = &later[spaces..];
    }
    lines
}

/// How many cells fit in a width: up to a space, if there is one in the second half.
fn how_many(cells: &[Cell], width: usize) -> usize {
    let mut used = 0;
    let fitting = cells
        .iter()
        .take_while(|cell| {
            used += cell.width;
            used <= width
        })
        .count()
        .max(1);
    if fitting == cells.len() {
        return fitting;
    }
    let space = cells[..fitting].iter().rposition(|cell| cell.symbol == " ");
    space
        .filter(|space| *space > fitting / 2)
        .unwrap_or(fitting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_become_styles_and_everything_else_that_a_terminal_obeys_is_left_out() {
        let text = "a \u{1b}[1m\u{1b}[38;5;9mred\u{1b}[0m\u{1b}[2J\u{7}\tend\n\n\u{1b}[2mfaint";
        let bold_red = Style::default()
            .add_modifier(Modifier::BOLD)
            .fg(Color::Indexed(9));
        assert_eq!(
            lines(text),
            [
                Line::from(vec![
                    Span::raw("a "),
                    Span::styled("red", bold_red),
                    Span::raw("    end")
                ]),
                Line::default(),
                Line::from(Span::styled(
                    "faint",
                    Style::default().add_modifier(Modifier::DIM)
                )),
            ]
        );
    }

    fn fitted(text: &str, width: usize) -> Vec<String> {
        let fitted = fit(lines(text), width);
        fitted.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_line_that_is_too_wide_goes_on_below_and_nothing_of_it_is_lost() {
        assert_eq!(fitted("short", 10), ["short"]);
        assert_eq!(
            fitted(" one two three four", 11),
            [" one two", "   three", "   four"]
        );
        assert_eq!(fitted("abcdefghijklmnop", 10), ["abcdefghij", "  klmnop"]);
    }

    #[test]
    fn a_drawing_that_is_too_wide_moves_sideways_and_paragraphs_stay() {
        let text = " Prose that fits.\n    ab   cdefghij\n    ab   c\n\n More.";
        let shown = |from| -> Vec<String> {
            let window = window(lines(text), from, 10);
            window.iter().map(ToString::to_string).collect()
        };
        assert_eq!(shown(0)[1..3], ["    ab   …", "    ab   c"]);
        assert_eq!(shown(7)[1..3], ["  cdefghij", "  c"]);
        assert_eq!(shown(10)[1..3], ["…efghij", ""]);
        assert_eq!(beyond(&lines(text), 10), 7);
        assert_eq!(shown(0)[0], " Prose that fits.");
    }

    #[test]
    fn wide_characters_count_as_two() {
        assert_eq!(fitted("漢字漢字", 4), ["漢字", "漢字"]);
    }
}
