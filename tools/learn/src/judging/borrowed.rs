//! An answer that is the chapter's own, taken in by its path: `pub use wakers::oneshot::*`.
//!
//! It would pass, because it is right, and it is no answer: its author has built nothing. An exercise may use every *other*
//! part of the chapter.

use std::path::Path as FilePath;

use crate::judging::manifest;
use crate::judging::tokens::{Path, Token, paths, tokens};
use course::course::{Course, Exercise};
use course::files;

/// What to tell the learner, if their file uses the chapter's answer to this very exercise, or takes in another file.
#[must_use]
pub fn sentence(course: &Course, exercise: &Exercise, source: &str) -> Option<String> {
    let tokens = tokens(source);
    let chapter = Chapter::of(course, exercise);
    let used = chapter.and_then(|chapter| chapter.used_in(&tokens));
    let used = used.map(|(line, path)| {
        format!(
            "Line {line} uses `{path}`, which is the chapter's own answer to this exercise. Your file is to do the work itself; every other \
             part of the chapter may be used."
        )
    });
    used.or_else(|| {
        let line = takes_in_a_file(&tokens)?;
        Some(format!(
            "Line {line} takes in another file. What is judged, and what `cargo learn mine` puts into the runtime, is this one file: write \
             it all here."
        ))
    })
}

/// The chapter whose own file is the answer.
struct Chapter {
    /// Its crate: `wakers`.
    library: String,
    /// The answer's module: `oneshot`.
    module: String,
    /// What the crate re-exports of it at its root.
    names: Vec<String>,
}

impl Chapter {
    /// `None` if the answer is no file of a chapter.
    fn of(course: &Course, exercise: &Exercise) -> Option<Chapter> {
        let below = exercise
            .answer
            .strip_prefix(course.root.join("chapters"))
            .ok()?;
        let folder = course.root.join("chapters").join(below.iter().next()?);
        let module = exercise.answer.file_stem()?.to_str()?.to_owned();
        let root = files::read_text(&folder.join("src/lib.rs")).ok()?;
        let names = paths(&tokens(&root), &[&module]);
        let names = names
            .into_iter()
            .filter_map(|path| path.names.get(1).cloned());
        Some(Chapter {
            library: library(&folder)?,
            names: names.collect(),
            module,
        })
    }

    fn used_in(&self, tokens: &[Token]) -> Option<(usize, String)> {
        let aliases = self.aliases(tokens);
        let mut roots: Vec<&str> = aliases.iter().map(String::as_str).collect();
        roots.push(&self.library);
        let used = paths(tokens, &roots);
        let is_answer = |path: &&Path| match &path.names[..] {
            [_, name, ..] => *name == self.module || self.names.contains(name),
            _ => false,
        };
        let mut found = used.iter().find(is_answer).cloned();
        let globs = used
            .iter()
            .any(|path| path.names.get(1).is_some_and(|name| name == "*"));
        if globs && found.is_none() {
            // The module's own name, and what the file re-exports.
            found = paths(tokens, &[&self.module])
                .into_iter()
                .find(|path| path.names.len() > 1);
            found = found.or_else(|| passed_on(tokens, &roots));
        }
        found.map(|path| (path.line, path.names.join("::")))
    }

    /// Other names that the file gives the crate.
    fn aliases(&self, tokens: &[Token]) -> Vec<String> {
        let renamed = tokens
            .windows(3)
            .filter(|three| three[0].text == self.library && three[1].text == "as");
        renamed.map(|three| three[2].text.clone()).collect()
    }
}

/// `pub use wakers::*`.
fn passed_on(tokens: &[Token], roots: &[&str]) -> Option<Path> {
    let mut five = tokens.windows(5);
    let found = five.find(|five| {
        let texts: Vec<&str> = five.iter().map(|token| token.text.as_str()).collect();
        matches!(texts[..], ["pub", "use", root, "::", "*"] if roots.contains(&root))
    })?;
    Some(Path {
        line: found[0].line,
        names: vec![found[2].text.clone(), "*".to_owned()],
    })
}

/// `include!("…")` or `#[path = "…"]`.
fn takes_in_a_file(tokens: &[Token]) -> Option<usize> {
    let mut four = tokens.windows(4);
    let found = four.find(|four| {
        let texts: Vec<&str> = four.iter().map(|token| token.text.as_str()).collect();
        matches!(texts[..], ["include", "!", ..] | ["#", "[", "path", "="])
    })?;
    Some(found[0].line)
}

fn library(folder: &FilePath) -> Option<String> {
    let manifest = manifest::read(&folder.join("Cargo.toml")).ok()?;
    let name = |table: &str| {
        manifest
            .get(table)?
            .get("name")?
            .as_str()
            .map(str::to_owned)
    };
    name("lib").or_else(|| Some(name("package")?.replace('-', "_")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(source: &str) -> Option<(usize, String)> {
        let chapter = Chapter {
            library: "wakers".to_owned(),
            module: "block_on".to_owned(),
            names: vec!["block_on".to_owned()],
        };
        chapter.used_in(&tokens(source))
    }

    #[test]
    fn the_chapters_own_answer_is_seen_in_every_form() {
        for source in [
            "pub use wakers::block_on;",
            "pub use wakers::{oneshot, block_on::block_on};",
            "pub use wakers::*;",
            "use wakers::*;\npub fn run() { block_on::block_on(async {}) }",
            "use wakers as w;\npub fn run() { w::block_on(async {}) }",
            "pub fn run() { ::wakers::block_on(async {}) }",
        ] {
            assert!(used(source).is_some(), "{source}");
        }
    }

    #[test]
    fn another_part_of_the_chapter_may_be_used() {
        for source in [
            "use wakers::oneshot;\npub fn block_on() {}",
            "use wakers::*;\npub fn block_on() { oneshot::channel() }",
            "// wakers::block_on\npub fn block_on() { \"wakers::block_on\" }",
        ] {
            assert_eq!(used(source), None, "{source}");
        }
    }

    #[test]
    fn no_answer_and_no_stub_of_the_course_is_refused() {
        let root = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let course = Course::around(&root).expect("this is the course");
        for exercise in course.exercises() {
            for path in [&exercise.answer, &exercise.source] {
                let text = files::read_text(path).expect("it is there");
                assert_eq!(
                    sentence(&course, exercise, &text),
                    None,
                    "{}",
                    path.display()
                );
            }
        }
    }
}
