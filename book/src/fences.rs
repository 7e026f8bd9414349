//! Tells, of each line of a Markdown page, whether it lies inside a code block and of which language.

/// A line of a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Counted from 1.
    pub(crate) number: usize,
    pub(crate) text: &'a str,
    pub(crate) place: Place<'a>,
}

/// Where a line lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    Prose,
    /// The line that opens or closes a code block.
    Fence,
    /// Inside a code block of this language, empty if it names none.
    Code(&'a str),
}

/// The lines of a page. Only fenced code blocks count: the course uses no indented ones.
pub(crate) fn lines(markdown: &str) -> Vec<Line<'_>> {
    let mut open: Option<(&str, &str)> = None;
    let mut lines = Vec::new();
    for (index, text) in markdown.lines().enumerate() {
        let place = match (open, fence(text)) {
            (None, Some((marks, info))) => {
                open = Some((marks, language(info)));
                Place::Fence
            }
            (Some((opened, _)), Some((marks, ""))) if marks.starts_with(opened) => {
                open = None;
                Place::Fence
            }
            (Some((_, language)), _) => Place::Code(language),
            (None, None) => Place::Prose,
        };
        let number = index + 1;
        lines.push(Line {
            number,
            text,
            place,
        });
    }
    lines
}

/// The marks of a fence, and what follows them.
fn fence(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|mark| "`~".contains(*mark))?;
    let rest = line.trim_start_matches(mark);
    let marks = &line[..line.len() - rest.len()];
    (marks.len() >= 3).then_some((marks, rest.trim()))
}

/// `rust` of `rust,no_run`.
fn language(info: &str) -> &str {
    info.split([',', ' ', '{']).next().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(markdown: &str) -> Vec<Place<'_>> {
        lines(markdown).into_iter().map(|line| line.place).collect()
    }

    #[test]
    fn a_block_knows_its_language() {
        use Place::{Code, Fence, Prose};
        let page = "text\n```rust,no_run\nlet x;\n```\nmore";
        assert_eq!(places(page), [Prose, Fence, Code("rust"), Fence, Prose]);
    }

    #[test]
    fn a_longer_fence_holds_shorter_ones() {
        use Place::{Code, Fence};
        let page = "````text\n```rust\n```\n````";
        assert_eq!(places(page), [Fence, Code("text"), Code("text"), Fence]);
    }
}
