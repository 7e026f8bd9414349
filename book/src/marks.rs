//! Takes the course's marks out of included code. A reader of the book never sees them.

use mdbook_driver::book::Book;
use mdbook_driver::errors::Result;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use crate::fences::{self, Place};
use course::stub;

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
        match line.place {
            Place::Code("rust") if stub::is_mark(line.text) => {}
            Place::Code("rust") => block.push(line.text),
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
}
