//! Colours, where they are wanted, and the width of the terminal.

use std::io::IsTerminal as _;

/// How to write on a certain output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    /// Whether to use colours.
    pub colour: bool,
    /// How many characters fit in a line.
    pub width: usize,
}

/// What stands out, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// What is right.
    Good,
    /// What is wrong.
    Bad,
    /// What needs doing.
    Attention,
    /// A title.
    Strong,
    /// What matters less.
    Faint,
}

impl Paint {
    /// For standard output: colors only in a terminal, and not if `NO_COLOR` is set. What goes through a pipe to a pager is as
    /// wide as the terminal that the program was started in.
    #[must_use]
    pub fn for_stdout() -> Paint {
        const WITHOUT_A_TERMINAL: usize = 120;
        let terminal = std::io::stdout().is_terminal();
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let size = terminal_size::terminal_size()
            .map(|(terminal_size::Width(columns), _)| columns)
            .filter(|columns| *columns > 0);
        Paint {
            colour: terminal && !unwanted,
            width: size.map_or(WITHOUT_A_TERMINAL, usize::from),
        }
    }

    /// A text in an ink.
    #[must_use]
    pub fn ink(self, ink: Ink, text: &str) -> String {
        let code = match ink {
            Ink::Good => "32",
            Ink::Bad => "31",
            Ink::Attention => "33",
            Ink::Strong => "1",
            Ink::Faint => "2",
        };
        if self.colour && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// A text in lines of at most `width` characters, broken between words; each begins with one space.
#[must_use]
pub fn wrap(text: &str, width: usize) -> String {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let length = line.chars().count() + 1 + word.chars().count();
            if !line.is_empty() && length >= width {
                lines.push(std::mem::take(&mut line));
            }
            line.push(' ');
            line.push_str(word);
        }
        lines.push(line);
    }
    lines.join("\n")
}

/// As [`wrap`], with `first` at the beginning of the first line; the other lines begin with `rest`.
#[must_use]
pub fn hanging(first: &str, rest: &str, text: &str, width: usize) -> String {
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in text.split_whitespace() {
        let length = line.chars().count() + 1 + word.chars().count();
        if !is_empty && length > width {
            lines.push(std::mem::replace(&mut line, rest.to_owned()));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines.join("\n")
}

/// An entry of a table: a text behind its name, whose other lines stand below its first, or at the left where that is narrow.
#[must_use]
pub fn hanging_entry(name: &str, text: &str, paint: Paint) -> String {
    const NARROW: usize = 30;
    const INDENT: usize = 10;
    let indent = name.chars().count();
    let indent = if paint.width < indent + NARROW {
        INDENT
    } else {
        indent
    };
    hanging(name, &" ".repeat(indent), text, paint.width)
}

/// A text that fits a width: one that is too long ends with "…".
#[must_use]
pub fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let begin: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", begin.trim_end())
}

/// Two texts at the two ends of a line. Where both do not fit, the right one is shortened, or left out.
#[must_use]
pub fn ends(left: &str, right: &str, width: usize) -> String {
    const OF_USE: usize = 8;
    let left = shortened(left, width);
    let room = width.saturating_sub(left.chars().count() + 2);
    if right.is_empty() || room < OF_USE.min(right.chars().count()) {
        return left;
    }
    let right = shortened(right, room);
    let gap = width - left.chars().count() - right.chars().count();
    format!("{left}{}{right}", " ".repeat(gap))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_between_words_and_not_within_them() {
        assert_eq!(wrap("one two three", 9), " one two\n three");
        assert_eq!(wrap("incomprehensible", 5), " incomprehensible");
        assert_eq!(wrap("a\n\nb", 80), " a\n\n b");
    }

    #[test]
    fn the_lines_after_the_first_hang_where_the_caller_says() {
        assert_eq!(
            hanging("- ", "  ", "one two three", 9),
            "- one two\n  three"
        );
        assert_eq!(hanging("> ", "> ", "one two", 4), "> one\n> two");
    }

    #[test]
    fn what_does_not_fit_is_shortened_and_says_so() {
        assert_eq!(ends("left", "right", 12), "left   right");
        assert_eq!(ends("left", "a longer right", 16), "left   a longer…");
        assert_eq!(ends("a long left", "right", 13), "a long left");
        assert_eq!(ends("a long left", "right", 8), "a long…");
    }
}
