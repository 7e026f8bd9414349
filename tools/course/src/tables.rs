//! Tables that pages ask for, as Markdown: the routes, and the named mistakes by chapter.

use std::fmt::Write as _;

use anyhow::Result;

use crate::course::{Course, Exercise};
use crate::files::{self, with_ending};
use crate::names::name_of;
use crate::routes;
use crate::taught;

/// The heading of a page's part about public code that made the mistake.
const SEEN: &str = "**Seen in the wild.**";

/// The routes, with the hours that their pages and exercises take together.
///
/// # Errors
///
/// If the file of the routes is damaged.
pub fn of_routes(course: &Course) -> Result<String> {
    let mut table = "| route | name | for | about | leads to |\n|---|---|---|--:|---|\n".to_owned();
    for route in routes::of(course)? {
        let hours = f64::from(route.minutes) / 60.0;
        let _ = writeln!(
            table,
            "| *{}* | `{}` | {} | {hours:.1} h | {} |",
            route.title, route.name, route.pace, route.about
        );
    }
    Ok(table)
}

/// The named mistakes, a table for each chapter: the name, what the learner's code did, and the exercises whose checks name it. A
/// mistake stands in the chapter of its first exercise.
///
/// # Errors
///
/// If a page cannot be read.
pub fn of_mistakes(course: &Course) -> Result<String> {
    let mut rows = Vec::new();
    for path in with_ending(&course.root.join("book/pages/mistakes"), "md") {
        let code = path.file_stem().unwrap_or_default().to_string_lossy();
        rows.extend(Row::read(
            &code,
            &files::read_text(&path)?,
            &taught::of(course, &code),
        ));
    }
    rows.sort_by(|one, other| name_of(&one.code).cmp(name_of(&other.code)));
    let mut tables = String::new();
    for chapter in &course.chapters {
        let mut own = rows.iter().filter(|row| row.chapter == chapter.number);
        let Some(first) = own.next() else { continue };
        let _ = write!(
            tables,
            "## {:02} {}\n\n| mistake | what your code did | exercises |\n|---|---|---|\n",
            chapter.number, chapter.title
        );
        for row in std::iter::once(first).chain(own) {
            row.write(&mut tables);
        }
        tables.push('\n');
    }
    Ok(tables)
}

struct Row {
    code: String,
    sentence: String,
    /// Where it was seen in public code.
    seen: bool,
    chapter: u32,
    exercises: String,
}

impl Row {
    /// Reads a mistake's page; `None` if no exercise teaches it, as with the index.
    fn read(code: &str, page: &str, exercises: &[&Exercise]) -> Option<Row> {
        let numbers: Vec<&str> = exercises.iter().map(|exercise| &*exercise.number).collect();
        Some(Row {
            code: code.to_owned(),
            sentence: sentence(page)?,
            seen: page.contains(SEEN),
            chapter: numbers.first()?.split_once('.')?.0.parse().ok()?,
            exercises: numbers.join(", "),
        })
    }

    fn write(&self, table: &mut String) {
        let Row {
            code,
            sentence,
            exercises,
            ..
        } = self;
        let link = format!("[{}]({code}.md)", name_of(code));
        let name = if self.seen {
            format!("**{link}**")
        } else {
            link
        };
        let _ = writeln!(table, "| {name} | {sentence} | {exercises} |");
    }
}

/// The first sentence below the title, as a cell of a table.
fn sentence(page: &str) -> Option<String> {
    let body = page.split_once("\n\n")?.1;
    let paragraph = body.split("\n\n").next()?;
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line
        .match_indices(". ")
        .next()
        .map_or(line.len(), |(at, _)| at + 1);
    Some(line[..end].replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Row;
    use crate::course::Chapter;

    const PAGE: &str = "# off-by-one\n\nYour code stepped first, and\nreturned the rest. Then more.\n\n\
        **Seen in the wild.** x #1.\n\n{{#taught}}\n";

    const CHAPTER: &str = r#"
        title = "Generators"
        part = "I"
        page = "index.md"

        [[exercise]]
        slug = "countdown"
        title = "A countdown"
        kind = "build"
        minutes = 5
        page = "index.md"

        [[exercise]]
        slug = "walk"
        title = "A walk"
        kind = "build"
        minutes = 5
        page = "index.md"
    "#;

    #[test]
    fn a_row_has_the_first_sentence_of_the_page_and_the_numbers_of_its_exercises() {
        let chapter = Chapter::parse(Path::new("/course"), "01-generators", CHAPTER).unwrap();
        let exercises: Vec<_> = chapter.exercises.iter().collect();
        let row = Row::read("off-by-one", PAGE, &exercises).unwrap();
        let mut table = String::new();
        row.write(&mut table);
        assert_eq!(
            table,
            "| **[off-by-one](off-by-one.md)** | Your code stepped first, and returned the rest. | 1.1, 1.2 |\n"
        );
        assert_eq!(row.chapter, 1);
    }

    #[test]
    fn a_page_that_no_exercise_teaches_has_no_row() {
        assert!(Row::read("index", "# Mistakes\n\nWhy names?\n", &[]).is_none());
    }
}
