//! Checks the pages as people wrote them: every include names a file and an anchor that are there, and every block of Rust is
//! an include, so that no code stands in the book that the tests do not build.

use std::fs;
use std::path::{Path, PathBuf};

use mdbook_driver::MDBook;

use crate::fences::{self, Line, Place};
use crate::findings::Findings;

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
        assert!(problems("```rust\n{{#include src/fences.rs}}\n```").is_empty());
        assert!(problems("```text\nlet x = 1;\n```").is_empty());
    }

    #[test]
    fn an_include_of_nothing_is_found() {
        assert_eq!(problems("{{#include src/nothing.rs}}").len(), 1);
        assert_eq!(problems("{{#include src/fences.rs:nothing}}").len(), 1);
        assert!(problems("\\{{#include src/nothing.rs}}").is_empty());
    }
}
