//! Markdown for the terminal: headings stand out, code is indented, paragraphs fit, links are their text, answers are folded.

use std::collections::BTreeSet;

use crate::screen::page::in_the_browser;
use crate::screen::paint::{Ink, Paint, hanging, shortened};

/// Wider lines than this are hard to read.
const WIDEST: usize = 100;

/// What ends the line of an answer that a key opens.
const OPENS: &str = "  (a opens it)";

/// What ends the line of an answer that a key closes.
const CLOSES: &str = "  (a closes it)";

/// What is drawn of a folded answer.
#[derive(Debug, Clone, Copy)]
enum Folds<'a> {
    /// Where to read it: no key opens it here.
    Elsewhere,
    /// A line that a key opens; these are open, counted from 0.
    Open(&'a BTreeSet<usize>),
}

/// A page as a terminal shows it that takes no keys.
#[must_use]
pub fn draw(page: &str, paint: Paint) -> String {
    drawn(page, Folds::Elsewhere, paint)
}

/// A page as a terminal shows it in which a key opens each folded answer; `open` holds the open ones, counted from 0.
#[must_use]
pub fn draw_with_folds(page: &str, open: &BTreeSet<usize>, paint: Paint) -> String {
    drawn(page, Folds::Open(open), paint)
}

/// Whether this line of a drawn page is that of a folded answer, and whether that answer is open.
#[must_use]
pub fn fold_in(line: &str) -> Option<bool> {
    let line = line.trim();
    if line.starts_with('▸') && line.ends_with(OPENS.trim()) {
        Some(false)
    } else if line.starts_with('▾') && line.ends_with(CLOSES.trim()) {
        Some(true)
    } else {
        None
    }
}

/// The words of a line, without marks and links.
#[must_use]
pub fn words(line: &str) -> String {
    without_marks(&without_links(line))
}

fn drawn(page: &str, folds: Folds<'_>, paint: Paint) -> String {
    let mut drawing = Drawing {
        out: String::new(),
        paragraph: String::new(),
        paint,
    };
    let mut in_code = false;
    let mut answers = 0;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(summary) = summary(line).filter(|_| !in_code) {
            drawing.end_paragraph();
            let is_open = drawing.fold(&without_marks(summary), answers, folds);
            answers += 1;
            if !is_open {
                let inside = lines.by_ref().take_while(|line| !ends_details(line));
                inside.for_each(drop);
            }
        } else if ends_details(line) && !in_code {
            drawing.end_paragraph();
        } else if line.trim_start().starts_with("```") {
            drawing.end_paragraph();
            in_code = !in_code;
        } else if in_code {
            drawing.line(&format!("    {line}"));
        } else {
            drawing.prose(line);
        }
    }
    drawing.end_paragraph();
    drawing.out.trim_end().to_owned() + "\n"
}

/// What is drawn, and the paragraph that is being read.
struct Drawing {
    out: String,
    paragraph: String,
    paint: Paint,
}

impl Drawing {
    fn prose(&mut self, line: &str) {
        if let Some(heading) = heading(line) {
            self.end_paragraph();
            let heading = self.paint.ink(Ink::Strong, &without_marks(heading));
            self.line(&format!(" {heading}"));
        } else if line.trim().is_empty() {
            self.end_paragraph();
            self.line("");
        } else {
            let in_a_quotation = self.paragraph.starts_with("> ");
            let line = match line.trim_start().strip_prefix('>') {
                Some(goes_on) if in_a_quotation && !goes_on.trim().is_empty() => goes_on.trim(),
                _ => {
                    if begins_anew(line) {
                        self.end_paragraph();
                    }
                    line.trim()
                }
            };
            self.paragraph.push_str(&without_links(line));
            self.paragraph.push(' ');
        }
    }

    /// The line of a folded answer. Says whether the answer is open.
    fn fold(&mut self, summary: &str, number: usize, folds: Folds<'_>) -> bool {
        let (sign, end, is_open) = match folds {
            Folds::Elsewhere => {
                self.paragraph = in_the_browser(&format!("{summary} –"));
                self.end_paragraph();
                return false;
            }
            Folds::Open(open) if open.contains(&number) => ("▾", CLOSES, true),
            Folds::Open(_) => ("▸", OPENS, false),
        };
        let room = self.paint.width.min(WIDEST).saturating_sub(3 + end.len());
        self.line(&format!(" {sign} {}{end}", shortened(summary, room)));
        is_open
    }

    /// Quotations keep their mark on each line, and the entries of a list their indentation.
    fn end_paragraph(&mut self) {
        let paragraph = without_marks(&std::mem::take(&mut self.paragraph));
        let paragraph = paragraph.trim_end();
        let width = self.paint.width.min(WIDEST).saturating_sub(1);
        if paragraph.is_empty() {
        } else if paragraph.starts_with('|') {
            self.line(&format!(" {paragraph}"));
        } else if let Some(quoted) = paragraph.strip_prefix("> ") {
            self.line(&hanging(" > ", " > ", quoted, width));
        } else {
            let (mark, text) = paragraph.split_at(mark_of_an_entry(paragraph));
            let first = format!(" {mark}");
            let rest = " ".repeat(first.chars().count());
            self.line(&hanging(&first, &rest, text, width));
        }
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }
}

/// The summary of a `<details><summary>Answer</summary>`: what it hides is to be thought about first.
fn summary(line: &str) -> Option<&str> {
    line.trim()
        .strip_prefix("<details><summary>")?
        .strip_suffix("</summary>")
}

fn ends_details(line: &str) -> bool {
    line.trim() == "</details>"
}

fn heading(line: &str) -> Option<&str> {
    line.strip_prefix('#')?
        .trim_start_matches('#')
        .strip_prefix(' ')
}

/// How long the mark is that begins an entry of a list: `- `, `* `, `1. `.
fn mark_of_an_entry(paragraph: &str) -> usize {
    if paragraph.starts_with("- ") || paragraph.starts_with("* ") {
        return 2;
    }
    match paragraph.split_once(". ") {
        Some((number, _)) if number.parse::<u32>().is_ok() => number.len() + 2,
        _ => 0,
    }
}

/// Whether a line does not continue the paragraph above it: an entry of a list, a row of a table.
fn begins_anew(line: &str) -> bool {
    let text = line.trim_start();
    let numbered = text
        .split_once(". ")
        .is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    numbered
        || ["- ", "* ", "|", "> "]
            .iter()
            .any(|mark| text.starts_with(mark))
}

/// `**bold**` and `*emphasis*` become their words. Code between backticks, and a star that emphasises nothing, stay.
fn without_marks(text: &str) -> String {
    let mut out = String::new();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['`', '*']) {
        let (before, marked) = rest.split_at(at);
        out.push_str(before);
        let mark = marked.chars().next().unwrap_or_default();
        let length = marked.len() - marked.trim_start_matches(mark).len();
        let (run, after) = marked.split_at(length);
        rest = after;
        if mark == '`' {
            // To the next run of as many backticks.
            let end = after.find(run).map_or(0, |end| end + length);
            out.push_str(run);
            out.push_str(&after[..end]);
            rest = &after[end..];
        } else if open.last() == Some(&run) && out.ends_with(|char: char| !char.is_whitespace()) {
            open.pop();
        } else if begins_emphasis(&out, run, after) {
            open.push(run);
        } else {
            out.push_str(run);
        }
    }
    out + rest
}

/// Whether a run of stars stands before a word, and another like it after one.
fn begins_emphasis(before: &str, run: &str, after: &str) -> bool {
    let ends = |(at, _): (usize, &str)| {
        after[..at].ends_with(|char: char| !char.is_whitespace() && char != '*')
            && !after[at + run.len()..].starts_with('*')
    };
    !before.ends_with(|char: char| char.is_alphanumeric() || char == '\\')
        && after.starts_with(|char: char| !char.is_whitespace())
        && after.match_indices(run).any(ends)
}

/// `[text](address)` becomes `text`.
fn without_links(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, text, after)) = first_link(rest) {
        out.push_str(before);
        out.push_str(text);
        rest = after;
    }
    out + rest
}

fn first_link(line: &str) -> Option<(&str, &str, &str)> {
    let middle = line.find("](")?;
    let begin = line[..middle].rfind('[')?;
    let end = middle + line[middle..].find(')')?;
    Some((&line[..begin], &line[begin + 1..middle], &line[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw_narrow(page: &str) -> String {
        let paint = Paint {
            colour: false,
            width: 30,
        };
        draw(page, paint)
    }

    #[test]
    fn headings_code_and_links_read_well_without_a_browser() {
        let page = "# code\n\nSee [the page](a/b.md) and [more](c.md).\n\n```rust\nlet a = b[0](1);\n```\n";
        assert_eq!(
            draw_narrow(page),
            " code\n\n See the page and more.\n\n    let a = b[0](1);\n"
        );
    }

    #[test]
    fn paragraphs_fit_the_terminal_and_lists_keep_their_entries() {
        let page = "One two three four five six\nseven.\n- a\n- b\n  and c\n1. d\n";
        assert_eq!(
            draw_narrow(page),
            " One two three four five six\n seven.\n - a\n - b and c\n 1. d\n"
        );
    }

    #[test]
    fn an_answer_stays_folded_until_it_is_looked_for() {
        let page = "Decide.\n\n<details><summary>Answer</summary>\n\nTwo.\n\n```\n2\n```\n\n</details>\n\nGo on.\n";
        let paint = Paint {
            colour: false,
            width: 80,
        };
        assert_eq!(
            draw(page, paint),
            " Decide.\n\n ▸ Answer – in the browser (cargo learn book)\n\n Go on.\n"
        );
    }

    #[test]
    fn a_key_opens_an_answer_and_its_line_says_so() {
        let page =
            "Decide.\n\n<details><summary>Answer</summary>\n\nTwo.\n\n</details>\n\nGo on.\n";
        let paint = Paint {
            colour: false,
            width: 80,
        };
        let closed = draw_with_folds(page, &BTreeSet::new(), paint);
        assert_eq!(closed, " Decide.\n\n ▸ Answer  (a opens it)\n\n Go on.\n");
        let open = draw_with_folds(page, &BTreeSet::from([0]), paint);
        assert_eq!(
            open,
            " Decide.\n\n ▾ Answer  (a closes it)\n\n Two.\n\n\n Go on.\n"
        );
        let folds: Vec<bool> = closed
            .lines()
            .chain(open.lines())
            .filter_map(fold_in)
            .collect();
        assert_eq!(folds, [false, true]);
    }

    #[test]
    fn a_quotation_keeps_its_mark_on_each_line() {
        assert_eq!(
            draw_narrow("> One two three four five six\n> seven eight.\n\nNine.\n"),
            " > One two three four five\n > six seven eight.\n\n Nine.\n"
        );
    }

    #[test]
    fn an_entry_of_a_list_keeps_its_indentation() {
        assert_eq!(
            draw_narrow("1. One two three four five six seven\n- eight\n"),
            " 1. One two three four five\n    six seven\n - eight\n"
        );
    }

    #[test]
    fn emphasis_is_its_words_and_code_and_lists_keep_their_stars() {
        for (written, read) in [
            ("**1.** It *is\nthe* one.", " 1. It is the one."),
            ("* `*a` and **`**b`**", " * `*a` and `**b`"),
            ("2 * 3 * 4, and 2*3*4", " 2 * 3 * 4, and 2*3*4"),
            ("``a ` *b*``, *c", " ``a ` *b*``, *c"),
            ("**all *of* it**.", " all of it."),
            ("| **a** | b |", " | a | b |"),
        ] {
            assert_eq!(draw_narrow(written), format!("{read}\n"));
        }
    }
}
