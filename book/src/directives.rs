//! What a page may ask for, each on a line of its own:
//!
//! | directive | becomes |
//! |---|---|
//! | `{{#run ch01-1-an-iterator}}` | the command that runs a chapter's program, and what it prints |
//! | `{{#trace countdown__from_three}}` | the snapshot of a check: the expected run; or of a chapter's test |
//! | `{{#picture join__both_wait}}` | the picture of that run; `{{#picture oneshot/first-waker-only}}`: of a known mistake's |
//! | `{{#play join}}` | a run that a chapter's test has kept, or that of a check's snapshot, to be stepped through: see [`play`] |
//! | `{{#stub countdown}}` | inside a block of Rust: the lines of an exercise's stub, or of that of a marked file's path |
//! | `{{#exercise countdown}}` | the box that sends the reader to an exercise |
//! | `{{#repair wakers/block-on/busy-poll}}` | a known mistake that is kept as an edit: from the wrong lines to the answer's |
//! | `{{#sections}}` | on a chapter's first page: its sections, their questions and minutes |
//! | `{{#map}}` | the parts, the chapters, their exercises and minutes |
//!
//! The outputs are snapshots that tests hold against the programs, so that no page can show what no longer happens. A
//! backslash before the braces leaves a directive as it stands.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mdbook_driver::MDBook;

use crate::boxes;
use crate::course::{self, Course};
use crate::figure;
use crate::findings::Findings;
use crate::map;
use crate::outline::{self, Part};
use crate::play;
use crate::sections;
use crate::stub;

/// Expands the directives of every page.
pub(crate) fn expand_all(book: &mut MDBook, course: &Course, root: &Path, findings: &mut Findings) {
    let source = Source {
        course,
        parts: outline::parts(book),
        names: outline::names(book),
        root,
    };
    book.book.for_each_chapter_mut(|chapter| {
        let page = chapter.path.clone().unwrap_or_default();
        let mut text = String::new();
        for (index, line) in chapter.content.lines().enumerate() {
            match source.expand(line, &page) {
                Some(Ok(expanded)) => text.push_str(&expanded),
                Some(Err(what)) => {
                    findings.add(&Path::new("book/pages").join(&page), Some(index + 1), &what);
                    text.push_str(line);
                }
                None => text.push_str(line),
            }
            text.push('\n');
        }
        chapter.content = text;
    });
}

/// Where the expansions come from.
struct Source<'a> {
    course: &'a Course,
    parts: Vec<Part>,
    /// What the summary calls each page.
    names: BTreeMap<PathBuf, String>,
    root: &'a Path,
}

impl Source<'_> {
    /// What a line becomes; `None` if it holds no directive of the course.
    fn expand(&self, line: &str, page: &Path) -> Option<Result<String, String>> {
        let (name, argument) = directive(line)?;
        match name {
            "run" => Some(self.run(argument)),
            "trace" => Some(self.trace(argument)),
            "picture" => Some(self.picture(argument)),
            "play" => Some(self.play(argument)),
            "stub" => Some(self.stub(argument)),
            "exercise" => Some(self.exercise(argument, page)),
            "repair" => Some(self.repair(argument)),
            "sections" => Some(sections::render(self.course, &self.names, page)),
            "map" => Some(Ok(map::render(&self.parts, self.course, page))),
            _ => None,
        }
    }

    fn run(&self, program: &str) -> Result<String, String> {
        let output = self.snapshot("chapters", "tests/snapshots", program)?;
        Ok(format!(
            "```console\n$ cargo run -q --bin {program}\n{output}\n```"
        ))
    }

    fn trace(&self, name: &str) -> Result<String, String> {
        let trace = self.snapshot("exercises", "checks/snapshots", name);
        let trace = trace.or_else(|none| {
            let of_a_chapter = self.snapshot("chapters", "tests/snapshots", name);
            of_a_chapter.map_err(|_| none)
        })?;
        Ok(format!("```text\n{trace}\n```"))
    }

    fn picture(&self, name: &str) -> Result<String, String> {
        let run = match name.split_once('/') {
            Some((exercise, code)) => self.run_of_a_mistake(exercise, code)?,
            None => self.snapshot("exercises", "checks/snapshots", name)?,
        };
        figure::draw(name, &run)
    }

    fn play(&self, argument: &str) -> Result<String, String> {
        let wanted = play::Wanted::read(argument)?;
        let name = format!("play__{}", wanted.name);
        let play = match self.snapshot("chapters", "tests/snapshots", &name) {
            Ok(json) => wanted.kept(&json)?,
            Err(none) => match self.snapshot("exercises", "checks/snapshots", wanted.name) {
                Ok(run) => wanted.compared(&run)?,
                Err(_) => return Err(none),
            },
        };
        wanted.draw(play, self.course, self.root)
    }

    /// The run that is kept beside a known mistake: `cargo learn verify` holds it against what the check sees.
    fn run_of_a_mistake(&self, exercise: &str, code: &str) -> Result<String, String> {
        let solutions = course::folders(&self.root.join("solutions"));
        let folder = Path::new("mistakes").join(exercise.replace('-', "_"));
        let file = |chapter: PathBuf| chapter.join(&folder).join(format!("{code}.run"));
        let chapters = solutions.map_err(|error| error.to_string())?;
        let mut texts = chapters.into_iter().map(file).map(fs::read_to_string);
        let text = texts.find_map(Result::ok);
        text.ok_or_else(|| format!("no solutions/*/{}/{code}.run", folder.display()))
    }

    fn stub(&self, id: &str) -> Result<String, String> {
        let answer = match id.ends_with(".rs") {
            true => PathBuf::from(id),
            false => self.found(id)?.answer(),
        };
        match fs::read_to_string(self.root.join(&answer)) {
            Ok(text) => match stub::derive(&text) {
                Ok(stub) => Ok(stub.trim_end().to_owned()),
                Err(fault) => Err(format!("{}: {fault}", answer.display())),
            },
            Err(_) => Err(format!("no such file: {}", answer.display())),
        }
    }

    fn exercise(&self, id: &str, page: &Path) -> Result<String, String> {
        let found = self.found(id)?;
        Ok(boxes::exercise(found, &self.course.name(found), page))
    }

    fn repair(&self, argument: &str) -> Result<String, String> {
        let course = ::course::course::Course::around(self.root);
        let block = course.and_then(|course| ::course::repair::block(&course, argument));
        block.map_err(|error| format!("{error:#}"))
    }

    fn found(&self, id: &str) -> Result<course::Found<'_>, String> {
        let found = self.course.find(id);
        found.ok_or_else(|| format!("no exercise is called {id}"))
    }

    /// The text of the snapshot `NAME.snap` in a folder of some chapter, without its header.
    fn snapshot(&self, kind: &str, folder: &str, name: &str) -> Result<String, String> {
        let chapters = course::folders(&self.root.join(kind)).map_err(|error| error.to_string())?;
        let file = |chapter: PathBuf| chapter.join(folder).join(format!("{name}.snap"));
        let mut texts = chapters.into_iter().map(file).map(fs::read_to_string);
        let text = texts.find_map(Result::ok);
        let text = text.ok_or_else(|| format!("no {kind}/*/{folder}/{name}.snap"))?;
        let body = text.split_once("\n---\n").map_or("", |(_, body)| body);
        Ok(body.trim_end().to_owned())
    }
}

/// The name and the argument of the directive that a line is.
fn directive(line: &str) -> Option<(&str, &str)> {
    let inner = line.trim().strip_prefix("{{#")?.strip_suffix("}}")?;
    let (name, argument) = inner.split_once(' ').unwrap_or((inner, ""));
    Some((name, argument.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directive_stands_on_a_line_of_its_own() {
        assert_eq!(
            directive("{{#run ch01-hello}}"),
            Some(("run", "ch01-hello"))
        );
        assert_eq!(directive("{{#map}}"), Some(("map", "")));
        assert_eq!(directive("\\{{#map}}"), None);
        assert_eq!(directive("see {{#map}}"), None);
    }

    #[test]
    fn an_unknown_exercise_is_refused_with_its_name() {
        let source = Source {
            course: &course::sample(),
            parts: Vec::new(),
            names: BTreeMap::new(),
            root: Path::new("."),
        };
        let answer = source.expand("{{#exercise runing-average}}", Path::new("map.md"));
        let sentence = "no exercise is called runing-average".to_owned();
        assert_eq!(answer, Some(Err(sentence)));
    }
}
