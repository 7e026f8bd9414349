//! Text with colours, as a full-screen terminal shows it: escape sequences become styles, long lines go on below.

use anstyle_parse::{DefaultCharAccumulator, Params, Parser, Perform};
use ratatui_core::style::{Color, Modifier, Style};
use ratatui_core::text::{Line, Span};

/// How wide a tab is.
const TAB: &str = "    ";

/// The lines of a text. Colours stay; whatever else a terminal would obey is left out.
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

fn broken(line: &Line<'static>, width: usize) -> Vec<Line<'static>> {
    let cells: Vec<Cell> = line
        .styled_graphemes(Style::default())
        .map(|grapheme| Cell {
            width: Span::raw(grapheme.symbol).width(),
            symbol: grapheme.symbol.to_owned(),
            style: grapheme.style,
        })
        .collect();
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
    fn wide_characters_count_as_two() {
        assert_eq!(fitted("漢字漢字", 4), ["漢字", "漢字"]);
    }
}
