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
    /// For standard output: colours only in a terminal, and not if `NO_COLOR` is set.
    #[must_use]
    pub fn for_stdout() -> Paint {
        const WITHOUT_A_TERMINAL: usize = 120;
        let terminal = std::io::stdout().is_terminal();
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let size = terminal_size::terminal_size()
            .map(|(terminal_size::Width(columns), _)| columns)
            .filter(|columns| terminal && *columns > 0);
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

/// Two texts at the two ends of a line.
#[must_use]
pub fn ends(left: &str, right: &str, width: usize) -> String {
    let used = left.chars().count() + right.chars().count();
    let gap = width.saturating_sub(used).max(2);
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
}
