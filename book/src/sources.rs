//! Checks the pages as people wrote them: every include names a file and an anchor that are there, and every block of Rust is
//! an include, so that no code stands in the book that the tests do not build.

use std::fs;
use std::path::{Path, PathBuf};

use mdbook_driver::MDBook;

use crate::fences::{self, Line, Place};
use crate::findings::Findings;
use course::stub;

/// Checks every page of the book.
pub(crate) fn check(book: &MDBook, root: &Path, findings: &mut Findings) {
    for chapter in book.book.chapters() {
        let Some(page) = &chapter.path else { continue };
        let place = Path::new("book/pages").join(page);
        for line in fences::lines(&chapter.content) {
            if let Some(what) = problem(&line, &root.join(&place)) {
                findings.add(&place, Some(line.number), &what);
            }
        }
    }
}

/// The most lines of code that one include may show: a longer part is cut, and each piece gets a sentence of its own.
const LONGEST: usize = 30;

/// What is wrong with a line of a page, if anything is.
fn problem(line: &Line<'_>, page: &Path) -> Option<String> {
    match include(line.text) {
        Some(include) => include.problem(page),
        None if line.place == Place::Code("rust") && !is_stub(line.text) => {
            let what =
                "a block of Rust holds only includes: put this code where the tests build it";
            Some(what.to_owned())
        }
        None => None,
    }
}

/// The directive that shows a stub is as good as an include: the stub is derived from tested code.
fn is_stub(text: &str) -> bool {
    text.trim().starts_with("{{#stub ")
}

/// What `{{#include path:anchor}}` names.
#[derive(Debug, PartialEq, Eq)]
struct Include<'a> {
    path: &'a str,
    anchor: Option<&'a str>,
}

/// The include on a line; `\{{#include …}}` is none.
fn include(text: &str) -> Option<Include<'_>> {
    let (before, after) = text.split_once("{{#")?;
    let after = after
        .strip_prefix("include ")
        .or_else(|| after.strip_prefix("rustdoc_include "))?;
    let (target, _) = after.split_once("}}")?;
    if before.ends_with('\\') {
        return None;
    }
    let (path, anchor) = match target.trim().split_once(':') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (target.trim(), None),
    };
    Some(Include { path, anchor })
}

impl Include<'_> {
    fn problem(&self, page: &Path) -> Option<String> {
        let file: PathBuf = page.parent().unwrap_or(page).join(self.path);
        let Ok(text) = fs::read_to_string(&file) else {
            return Some(format!("no such file: {}", self.path));
        };
        self.anchor_problem(&text).or_else(|| self.too_long(&text))
    }

    fn anchor_problem(&self, text: &str) -> Option<String> {
        let anchor = self.anchor?;
        if anchor.starts_with(|first: char| first.is_ascii_digit() || first == ':') {
            return Some("name an anchor: line numbers go stale".to_owned());
        }
        let mark = |kind: &str| {
            let mark = format!("{kind}: {anchor}");
            text.lines()
                .filter(|line| line.trim_end().ends_with(&mark))
                .count()
        };
        match (mark("ANCHOR"), mark("ANCHOR_END")) {
            (1, 1) => None,
            _ => Some(format!(
                "{} has not exactly one anchor {anchor}, with its end",
                self.path
            )),
        }
    }

    /// Says so if the part has more than [`LONGEST`] lines of code. Comments, empty lines and what pages leave out do not count. Two kinds of files are
    /// read as a whole, like a stub, so their length is free: the code that a learner breaks, and the examples that a teacher copies.
    fn too_long(&self, text: &str) -> Option<String> {
        let is_read_as_a_whole =
            self.path.ends_with("/faulty.rs") || self.path.contains("examples/");
        if !self.path.ends_with(".rs") || is_read_as_a_whole {
            return None;
        }
        let is_mark = |line: &str, kind: &str| {
            let anchor = self.anchor.unwrap_or_default();
            line.trim_end().ends_with(&format!("{kind}: {anchor}"))
        };
        let part = text
            .lines()
            .skip_while(|line| self.anchor.is_some() && !is_mark(line, "ANCHOR"))
            .take_while(|line| self.anchor.is_none() || !is_mark(line, "ANCHOR_END"));
        let is_code = |line: &&str| {
            !line.trim().is_empty() && !line.trim().starts_with("//") && !stub::is_mark(line)
        };
        let count = part.filter(is_code).count();
        (count > LONGEST).then(|| {
            format!(
                "{} shows {count} lines of code: cut it into parts of at most {LONGEST}",
                self.path
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(markdown: &str) -> Vec<String> {
        // Paths in an include are relative to the page; this crate's manifest lies where its pages' folder lies.
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("page.md");
        let lines = fences::lines(markdown);
        lines
            .iter()
            .filter_map(|line| problem(line, &page))
            .collect()
    }

    #[test]
    fn rust_that_is_no_include_is_found() {
        assert_eq!(problems("```rust\nlet x = 1;\n```").len(), 1);
        assert!(problems("```rust\n{{#include src/player.rs}}\n```").is_empty());
        assert!(problems("```text\nlet x = 1;\n```").is_empty());
    }

    #[test]
    fn an_include_of_nothing_is_found() {
        assert_eq!(problems("{{#include src/nothing.rs}}").len(), 1);
        assert_eq!(problems("{{#include src/fences.rs:nothing}}").len(), 1);
        assert!(problems("\\{{#include src/nothing.rs}}").is_empty());
    }

    #[test]
    fn an_include_of_more_lines_than_are_read_at_once_is_found() {
        let found = problems("{{#include src/sources.rs}}");
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("lines of code"), "{found:?}");
    }
}
