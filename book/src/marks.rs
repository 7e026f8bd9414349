//! The marks in an answer, from which the learner's stub is derived; a reader of the book never sees them.
//!
//! ```text
//! // YOURS                      the learner's part begins
//! …the answer's lines…
//! // STUB: todo!("…")           stands in the stub instead
//! // YOURS_END
//! ```

use mdbook_driver::book::Book;
use mdbook_driver::errors::Result;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use crate::fences::{self, Place};

/// Takes the marks out of the Rust blocks of every page, once their includes are resolved.
pub(crate) struct Strip;

impl Preprocessor for Strip {
    fn name(&self) -> &str {
        "course-marks"
    }

    fn run(&self, _: &PreprocessorContext, mut book: Book) -> Result<Book> {
        book.for_each_chapter_mut(|chapter| chapter.content = strip(&chapter.content));
        Ok(book)
    }
}

/// A page without the marks in its Rust blocks, each of which begins at the left margin.
fn strip(markdown: &str) -> String {
    let mut lines = Vec::new();
    let mut block = Vec::new();
    for line in fences::lines(markdown) {
        match (line.place, classify(line.text)) {
            (Place::Code("rust"), Line::Code(code)) => block.push(code),
            (Place::Code("rust"), _) => {}
            _ => {
                lines.extend(outdent(&std::mem::take(&mut block)));
                lines.push(line.text.to_owned());
            }
        }
    }
    lines.extend(outdent(&block));
    join(lines)
}

/// The lines without the spaces that all of them begin with.
fn outdent(lines: &[&str]) -> Vec<String> {
    let full = lines.iter().filter(|line| !line.trim().is_empty());
    let spaces = full.map(|line| line.len() - line.trim_start_matches(' ').len());
    let margin = spaces.min().unwrap_or(0);
    let cut = |line: &&str| line.get(margin..).unwrap_or("").to_owned();
    lines.iter().map(cut).collect()
}

/// The stub that an answer's marks describe: what the learner starts from.
pub(crate) fn stub(answer: &str) -> String {
    let mut yours = false;
    let mut lines = Vec::new();
    for line in answer.lines() {
        match classify(line) {
            Line::Begin => yours = true,
            Line::End => yours = false,
            Line::Anchor => {}
            Line::Stub("") => lines.push(String::new()),
            Line::Stub(text) => {
                let indent = &line[..line.len() - line.trim_start().len()];
                lines.push(format!("{indent}{text}"));
            }
            Line::Code(_) if yours => {}
            Line::Code(code) => lines.push(code.to_owned()),
        }
    }
    join(lines)
}

/// One line of a marked file.
enum Line<'a> {
    Begin,
    End,
    /// A line that stands in the stub only.
    Stub(&'a str),
    /// mdBook's own mark.
    Anchor,
    Code(&'a str),
}

fn classify(line: &str) -> Line<'_> {
    let comment = line.trim().strip_prefix("// ").unwrap_or("");
    let word = comment.split(' ').next().unwrap_or("");
    match word {
        "YOURS" if comment == word => Line::Begin,
        "YOURS_END" if comment == word => Line::End,
        "STUB:" => {
            let text = &comment["STUB:".len()..];
            Line::Stub(text.strip_prefix(' ').unwrap_or(text))
        }
        "ANCHOR:" | "ANCHOR_END:" => Line::Anchor,
        _ => Line::Code(line),
    }
}

fn join(lines: impl IntoIterator<Item = String>) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "fn f() -> u8 {
    // YOURS
    let secret = 7;
    secret
    // STUB: // What is it?
    // STUB:
    // STUB: todo!(\"say it\")
    // YOURS_END
}
";

    #[test]
    fn a_page_shows_the_answer_and_no_marks() {
        let page = strip(&format!("```rust\n// ANCHOR: f\n{ANSWER}```\n"));
        let plain = "```rust\nfn f() -> u8 {\n    let secret = 7;\n    secret\n}\n```\n";
        assert_eq!(page, plain);
    }

    #[test]
    fn a_block_begins_at_the_left_margin() {
        let page = strip("```rust\n    if x {\n\n        y();\n    }\n```\n");
        assert_eq!(page, "```rust\nif x {\n\n    y();\n}\n```\n");
    }

    #[test]
    fn marks_stay_where_a_page_speaks_about_them() {
        let page = format!("```text\n{ANSWER}```\n");
        assert_eq!(strip(&page), page);
    }

    #[test]
    fn a_stub_has_its_own_lines_in_place_of_the_answers() {
        let plain = "fn f() -> u8 {\n    // What is it?\n\n    todo!(\"say it\")\n}\n";
        assert_eq!(stub(ANSWER), plain);
    }
}
