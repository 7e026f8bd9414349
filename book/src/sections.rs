//! The sections of a chapter: the question that each answers, and how long it tends to take.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::boxes::relative;
use course::course::{Chapter, Course, Exercise, Section};

/// The table of a chapter's sections, in Markdown, for the chapter's first page. `names` is what the summary calls each page.
///
/// # Errors
///
/// If the page is no chapter's first, or if the chapter's sections, pages and exercises do not fit together.
pub(crate) fn render(
    course: &Course,
    names: &BTreeMap<PathBuf, String>,
    page: &Path,
) -> Result<String, String> {
    let chapter = course
        .chapters
        .iter()
        .find(|it| Path::new(&it.page) == page);
    let chapter = chapter.ok_or("only the first page of a chapter has sections")?;
    look_for_gaps(chapter, names)?;
    let mut table = String::from("| section | the question | read | write |\n|---|---|--:|--:|\n");
    for section in &chapter.sections {
        table.push_str(&row(chapter, section, &names[Path::new(&section.page)]));
    }
    table.push_str(&sum(chapter));
    Ok(table)
}

fn row(chapter: &Chapter, section: &Section, name: &str) -> String {
    let href = relative(Path::new(&section.page), Path::new(&chapter.page));
    let deep = if is_deep(chapter, section) {
        ", deep"
    } else {
        ""
    };
    let (question, reading) = (&section.question, section.reading);
    let writing = match writing(chapter, section) {
        0 => "–".to_owned(),
        minutes => minutes.to_string(),
    };
    format!("| [{name}]({href}){deep} | {question} | {reading} | {writing} |\n")
}

/// The last row: what is not deep, added up.
fn sum(chapter: &Chapter) -> String {
    let (deep, required): (Vec<&Section>, Vec<&Section>) =
        chapter.sections.iter().partition(|it| is_deep(chapter, it));
    let reading: u32 = required.iter().map(|section| section.reading).sum();
    let writing: u32 = required
        .iter()
        .map(|section| writing(chapter, section))
        .sum();
    let what = match deep[..] {
        [] => "together",
        _ => "together, without what is deep",
    };
    format!("| *{what}* | | *{reading}* | *{writing}* |\n")
}

/// The minutes of a section's exercises.
fn writing(chapter: &Chapter, section: &Section) -> u32 {
    exercises(chapter, section)
        .map(|exercise| exercise.minutes)
        .sum()
}

/// Whether a section can be left out: it has exercises, and all of them can.
fn is_deep(chapter: &Chapter, section: &Section) -> bool {
    exercises(chapter, section).next().is_some()
        && exercises(chapter, section).all(|exercise| exercise.optional)
}

fn exercises<'a>(chapter: &'a Chapter, section: &'a Section) -> impl Iterator<Item = &'a Exercise> {
    let all = chapter.exercises.iter();
    all.filter(|exercise| exercise.page == section.page)
}

/// Each section has its page, each page of the chapter its section, and each exercise belongs to one.
fn look_for_gaps(chapter: &Chapter, names: &BTreeMap<PathBuf, String>) -> Result<(), String> {
    let is_section = |page: &Path| {
        let mut sections = chapter.sections.iter();
        sections.any(|it| Path::new(&it.page) == page)
    };
    let file = format!("exercises/{}/chapter.toml", chapter.folder);
    for section in &chapter.sections {
        let page = &section.page;
        if !names.contains_key(Path::new(page)) {
            return Err(format!("a section of {file} has no such page: {page}"));
        }
    }
    let first = Path::new(&chapter.page);
    let beside = |page: &&PathBuf| page.parent() == first.parent() && page.as_path() != first;
    if let Some(page) = names.keys().filter(beside).find(|page| !is_section(page)) {
        return Err(format!(
            "{file} has no section for this page: {}",
            page.display()
        ));
    }
    match chapter
        .exercises
        .iter()
        .find(|it| !is_section(Path::new(&it.page)))
    {
        Some(exercise) => Err(format!(
            "{file}: the page of {} is no section",
            exercise.slug
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn names(pages: &[&str]) -> BTreeMap<PathBuf, String> {
        let named = |page: &&str| (PathBuf::from(page), "A page".to_owned());
        pages.iter().map(named).collect()
    }

    fn rendered(pages: &[&str]) -> Result<String, String> {
        render(
            &sample::course(),
            &names(pages),
            Path::new("01-generators/index.md"),
        )
    }

    #[test]
    fn minutes_are_those_of_the_section_and_of_its_exercises() {
        let pages =
            ["index.md", "an-iterator.md", "sending.md"].map(|it| format!("01-generators/{it}"));
        let table = rendered(&pages.each_ref().map(String::as_str)).unwrap();
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| [A page](../01-generators/an-iterator.html) | What is remembered? | 6 | 10 |",
                "| [A page](../01-generators/sending.html), deep | How does a value get in? | 8 | 20 |",
                "| *together, without what is deep* | | *6* | *10* |",
            ]
        );
    }

    #[test]
    fn a_section_without_a_page_and_a_page_without_a_section_are_refused() {
        let missing = rendered(&["01-generators/an-iterator.md"]).unwrap_err();
        assert!(
            missing.contains("no such page: 01-generators/sending.md"),
            "{missing}"
        );
        let forgotten =
            ["an-iterator.md", "sending.md", "new.md"].map(|it| format!("01-generators/{it}"));
        let forgotten = rendered(&forgotten.each_ref().map(String::as_str)).unwrap_err();
        assert!(
            forgotten.contains("no section for this page: 01-generators/new.md"),
            "{forgotten}"
        );
    }

    #[test]
    fn an_exercise_outside_of_all_sections_is_refused() {
        let mut course = sample::course();
        course.chapters[0].sections.pop();
        let names = names(&["01-generators/an-iterator.md"]);
        let refused = render(&course, &names, Path::new("01-generators/index.md")).unwrap_err();
        assert!(
            refused.ends_with("the page of running_average is no section"),
            "{refused}"
        );
    }

    #[test]
    fn only_the_first_page_of_a_chapter_has_sections() {
        assert!(render(&sample::course(), &names(&[]), Path::new("map.md")).is_err());
    }
}
