//! Lines of a program: which of them are code, and what of them counts when they are compared.

use crate::stub;

/// How many characters a line of prose may have.
pub const WIDTH: usize = 98;

/// A line of code, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code<'a> {
    /// The line's index among all lines.
    pub at: usize,
    /// The line without the comment and the spaces at its end.
    pub text: &'a str,
}

/// The lines of a program without the course's marks.
#[must_use]
pub fn without_marks(program: &str) -> Vec<&str> {
    program
        .lines()
        .filter(|line| !stub::is_mark(line))
        .collect()
}

/// The lines that are neither empty nor comments.
#[must_use]
pub fn code<'a>(lines: &[&'a str]) -> Vec<Code<'a>> {
    lines
        .iter()
        .enumerate()
        .filter(|(_, line)| is_code(line))
        .map(|(at, line)| Code {
            at,
            text: without_comment(line),
        })
        .collect()
}

/// Whether a line is neither empty nor a comment.
#[must_use]
pub fn is_code(line: &str) -> bool {
    !line.trim().is_empty() && !is_comment(line)
}

/// Whether a line is a comment and nothing else.
#[must_use]
pub fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// Whether a line is a comment about the file that it stands in.
#[must_use]
pub fn is_inner(line: &str) -> bool {
    line.trim_start().starts_with("//!")
}

/// A line of code without the comment at its end. Strings and characters are looked through, if they end on the same line.
#[must_use]
pub fn without_comment(line: &str) -> &str {
    let mut in_string = false;
    let mut chars = line.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' if in_string => {
                chars.next();
            }
            '"' => in_string = !in_string,
            '\'' if !in_string => {
                // '"', '\'' and '/' are characters; 'a in &'a str is not.
                let rest = &line[at + 1..];
                let escaped = rest.starts_with('\\');
                let mut inside = rest.chars().skip(usize::from(escaped));
                let quoted = inside.next().is_some() && inside.next() == Some('\'');
                if quoted {
                    for _ in 0..2 + usize::from(escaped) {
                        chars.next();
                    }
                }
            }
            '/' if !in_string && line[at..].starts_with("//") => return line[..at].trim_end(),
            _ => {}
        }
    }
    line.trim_end()
}

/// Prose in lines that are not longer than `width`.
#[must_use]
pub fn folded(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always one");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
