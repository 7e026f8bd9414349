//! The directives of the pages, drawn for a browser. `course::directives` knows what they ask for.
//!
//! The outputs are snapshots that tests hold against the programs, so that no page can show what no longer happens.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use course::course::Course;
use course::directives::{self, Asked};
use mdbook_driver::MDBook;

use crate::boxes;
use crate::chart;
use crate::figure;
use crate::findings::Findings;
use crate::map;
use crate::outline::{self, Part};
use crate::play;
use crate::sections;
use crate::site;

/// Expands the directives of every page.
pub(crate) fn expand_all(book: &mut MDBook, course: &Course, findings: &mut Findings) {
    let source = Source {
        course,
        parts: outline::parts(book),
        names: outline::names(book),
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
}

impl Source<'_> {
    /// What a line becomes; `None` if it holds no directive of the course. mdBook itself resolves the includes.
    fn expand(&self, line: &str, page: &Path) -> Option<Result<String, String>> {
        if directives::split(line)?.0.ends_with("include") {
            return None;
        }
        let file = self.course.root.join("book/pages").join(page);
        let asked = directives::read(self.course, &file, line)?;
        Some(asked.and_then(|asked| self.render(asked, page)))
    }

    fn render(&self, asked: Asked<'_>, page: &Path) -> Result<String, String> {
        match asked {
            Asked::Run { program, output } => Ok(format!(
                "```console\n$ cargo run -q --bin {program}\n{output}\n```"
            )),
            Asked::Trace(trace) => Ok(format!("```text\n{trace}\n```")),
            Asked::Picture { name, run } => figure::draw(name, &run),
            Asked::Play(argument) => self.play(argument),
            Asked::Chart { argument, chart } => Ok(chart::draw(argument, &chart)),
            Asked::Stub(text) | Asked::Repair(text) | Asked::Include(text) | Asked::Table(text) => {
                Ok(text)
            }
            Asked::Exercise(exercise) => Ok(boxes::exercise(exercise, page)),
            Asked::Sections => sections::render(self.course, &self.names, page),
            Asked::Map => Ok(map::render(&self.parts, self.course, page)),
            Asked::Clone => Ok(site::clone()),
        }
    }

    fn play(&self, argument: &str) -> Result<String, String> {
        let wanted = play::Wanted::read(argument)?;
        let name = format!("play__{}", wanted.name);
        let play = match directives::of_a_chapter(self.course, &name) {
            Ok(json) => wanted.kept(&json, self.course)?,
            Err(none) => match directives::of_a_check(self.course, wanted.name) {
                Ok(run) => wanted.compared(&run)?,
                Err(_) => return Err(none),
            },
        };
        wanted.draw(play, self.course)
    }
}
