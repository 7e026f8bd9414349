//! Which exercises teach a mistake: those whose check names it, and those that have it among their known mistakes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use crate::course::{Course, Exercise};
use crate::files;
use crate::mistakes;
use crate::names::name_of;

/// How many pages are linked from a mistake's page, at most.
const PAGES: usize = 4;

/// The places of exercises, in the order of the course, by the codes of their mistakes.
pub(crate) type Index = BTreeMap<String, BTreeSet<(usize, usize)>>;

/// Reads every check and every list of known mistakes once.
pub(crate) fn index(course: &Course) -> Index {
    let mut index = Index::new();
    for (at, chapter) in course.chapters.iter().enumerate() {
        for (place, exercise) in chapter.exercises.iter().enumerate() {
            for code in codes(exercise) {
                index.entry(code).or_default().insert((at, place));
            }
        }
    }
    index
}

fn codes(exercise: &Exercise) -> BTreeSet<String> {
    let mut codes: BTreeSet<String> = mistakes::of(exercise)
        .into_iter()
        .map(|mistake| mistake.code)
        .collect();
    for path in exercise.check_files() {
        let text = files::read_text(&path).unwrap_or_default();
        codes.extend(
            strings(&text)
                .filter(|text| is_code(text))
                .map(str::to_owned),
        );
    }
    codes
}

/// What stands between quotes. A code has neither quotes nor backslashes in it, so this need not know all of Rust.
fn strings(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split('"').skip(1).step_by(2))
}

fn is_code(text: &str) -> bool {
    text.chars()
        .all(|char| char.is_ascii_lowercase() || char == '-')
}

/// The exercises that teach a mistake, in the order of the course.
#[must_use]
pub fn of<'a>(course: &'a Course, code: &str) -> Vec<&'a Exercise> {
    let places = course.taught().get(code).into_iter().flatten();
    places
        .map(|&(chapter, exercise)| &course.chapters[chapter].exercises[exercise])
        .collect()
}

/// The last lines of a mistake's page: the exercises, the pages that they belong to, and the code, if people read another name.
///
/// # Errors
///
/// One sentence if no exercise teaches it.
pub fn lines(course: &Course, code: &str) -> Result<String, String> {
    let exercises = of(course, code);
    if exercises.is_empty() {
        return Err(format!("no exercise teaches {code}"));
    }
    let names: Vec<String> = exercises
        .iter()
        .map(|exercise| format!("{} {}", exercise.number, exercise.short_name()))
        .collect();
    let mut text = format!("Taught in: {}.\nBook: ", names.join(", "));
    let mut pages: Vec<&str> = Vec::new();
    for exercise in &exercises {
        if !pages.contains(&&*exercise.page) && pages.len() < PAGES {
            pages.push(&exercise.page);
        }
    }
    for (at, page) in pages.iter().enumerate() {
        let before = if at == 0 { "" } else { " · " };
        let _ = write!(text, "{before}[{}](../{page})", title(course, page));
    }
    text.push('.');
    if name_of(code) != code {
        let _ = write!(text, "\n\nIn JSON and JUnit: `{code}`.");
    }
    Ok(text)
}

/// The first heading of a page.
fn title(course: &Course, page: &str) -> String {
    let text = fs::read_to_string(course.root.join("book/pages").join(page)).unwrap_or_default();
    let heading = text.lines().find_map(|line| line.strip_prefix("# "));
    heading.unwrap_or(page).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_words_between_quotes_outside_of_comments() {
        let text = "run.diagnose(\"off-by-one\", \"You stepped.\");\n// \"in-a-comment\"\n";
        let found: Vec<&str> = strings(text).filter(|text| is_code(text)).collect();
        assert_eq!(found, ["off-by-one"]);
    }
}
