//! The map: what there is to do, and how long it tends to take.

use std::fmt::Write as _;
use std::path::Path;

use crate::boxes::{effort, escape, relative};
use crate::outline::{Entry, Part};
use course::course::{Chapter, Course};

/// The table of all parts and chapters, as HTML, and the exercises of the chapters that are written.
pub(crate) fn render(parts: &[Part], course: &Course, page: &Path) -> String {
    let mut html = String::from(
        "<table class=\"map\">\n<thead><tr><th>Chapter</th><th>Exercises</th><th>Required</th>\
         <th>Optional</th></tr></thead>\n<tbody>\n",
    );
    for part in parts {
        let title = escape(&part.title).replacen(' ', ": ", 1);
        let _ = writeln!(
            html,
            "<tr><th class=\"part\" colspan=\"4\">Part {title}</th></tr>"
        );
        for entry in &part.chapters {
            html.push_str(&row(entry, course, page));
        }
    }
    html.push_str("</tbody>\n</table>\n");
    for chapter in &course.chapters {
        html.push_str(&exercises(chapter, page));
    }
    html
}

fn row(entry: &Entry, course: &Course, page: &Path) -> String {
    let name = escape(&entry.name);
    let written = entry.page.as_ref().and_then(|first| {
        let mut chapters = course.chapters.iter();
        Some((
            first,
            chapters.find(|chapter| Path::new(&chapter.page) == first)?,
        ))
    });
    let Some((first, chapter)) = written else {
        return format!(
            "<tr class=\"later\"><td>{name}</td><td colspan=\"3\">not written yet</td></tr>\n"
        );
    };
    let href = relative(first, page);
    let count = chapter.exercises.len();
    let (required, optional) = (minutes(chapter, false), minutes(chapter, true));
    format!(
        "<tr><td><a href=\"{href}\">{name}</a></td><td>{count}</td><td>{required}</td>\
         <td>{optional}</td></tr>\n"
    )
}

fn minutes(chapter: &Chapter, optional: bool) -> String {
    match chapter.minutes(optional) {
        0 => "none".to_owned(),
        minutes => format!("{minutes} min"),
    }
}

fn exercises(chapter: &Chapter, page: &Path) -> String {
    let title = escape(&chapter.title);
    let mut html = format!(
        "\n## The exercises of chapter {:02}, {title}\n\n<ol class=\"exercises\">\n",
        chapter.number
    );
    for exercise in &chapter.exercises {
        let _ = writeln!(
            html,
            "<li>{} <a href=\"{}\">{}</a> <span class=\"effort\">{}</span></li>",
            exercise.number,
            relative(Path::new(&exercise.page), page),
            escape(&exercise.title),
            effort(exercise),
        );
    }
    html.push_str("</ol>\n");
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_chapter_that_is_not_written_says_so_and_one_that_is_says_its_minutes() {
        let entry = |name: &str, page: Option<&str>| Entry {
            name: name.to_owned(),
            page: page.map(Into::into),
        };
        let parts = [Part {
            title: "I Values that pause".to_owned(),
            chapters: vec![
                entry("01 Generators", Some("01-generators/index.md")),
                entry("02 State machines", None),
            ],
        }];
        let html = render(&parts, &sample::course(), Path::new("map.md"));
        assert!(html.contains("01 Generators</a></td><td>2</td><td>10 min</td><td>20 min</td>"));
        assert!(html.contains("02 State machines</td><td colspan=\"3\">not written yet"));
    }
}
