//! `cargo learn explain CODE`: a mistake at length.

mod variants;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::id::closest;
use crate::learner::progress::{Progress, State};
use crate::screen::markdown;
use crate::screen::page;
use crate::screen::paint::{Paint, hanging_entry};
use course::course::{Course, Exercise};
use course::files;
use course::mistakes;
use course::names::{code_behind, name_of};

/// Prints the page that explains a code, or the list of codes.
///
/// # Errors
///
/// If there is no such code, with the closest match.
pub fn run(course: &Course, code: Option<&str>) -> Result<()> {
    match code {
        Some(typed) => {
            let typed = typed.trim().to_lowercase();
            let here = where_it_was_made(course, code_behind(&typed))?;
            print!("{}", text(course, &typed, here, Paint::for_stdout())?);
        }
        None => list(course),
    }
    Ok(())
}

/// The exercise in which the learner made the mistake, as far as one can tell: the one that comes next, or else the first that
/// is begun, if the mistake is known there.
fn where_it_was_made<'a>(course: &'a Course, code: &str) -> Result<Option<&'a Exercise>> {
    let progress = Progress::read(course)?;
    let next = progress.next(course);
    let begun = course
        .exercises()
        .filter(|exercise| progress.state(exercise) == State::Unfinished);
    Ok(next
        .into_iter()
        .chain(begun)
        .find(|exercise| mistakes::find(exercise, code).is_ok()))
}

/// The page that explains a code, or the name of one, for the terminal. The variant of the exercise `here` stands first, those of other exercises
/// at the end.
///
/// # Errors
///
/// If there is no such code, with the closest match.
pub fn text(course: &Course, typed: &str, here: Option<&Exercise>, paint: Paint) -> Result<String> {
    let typed = typed.trim().to_lowercase();
    let code = code_behind(&typed);
    let path = mistakes::page(course, code);
    if path.is_file() && !code.contains(['/', '\\']) {
        let mut text = files::normalise(&files::read_text(&path)?);
        if let Some(exercise) = here {
            text = variants::sorted(course, &text, code, exercise);
        }
        let text = with_names(course, page::filled_in(course, &path, &text));
        return Ok(markdown::draw(&text, paint));
    }
    let codes: Vec<String> = mistakes::pages(course)
        .iter()
        .map(|page| mistakes::code_of(page))
        .collect();
    let names = codes.iter().map(|code| name_of(code));
    match closest(code, names.chain(codes.iter().map(String::as_str))) {
        Some(guess) => bail!("There is no mistake `{code}`. Did you mean `{guess}`?"),
        None => bail!("There is no mistake `{code}`. `cargo learn explain` lists them all."),
    }
}

/// The page with the names of exercises as a learner can say them, `5.5 reactor/drain` and not `5.5 drain`.
fn with_names(course: &Course, page: String) -> String {
    let ambiguous = course
        .exercises()
        .filter(|exercise| exercise.name() != exercise.short_name());
    ambiguous.fold(page, |page, exercise| {
        let number = &exercise.number;
        let written = format!("{number} {}", exercise.short_name());
        let spoken = format!("{number} {}", exercise.name());
        replaced(&page, &written, &spoken)
    })
}

/// The text with another word in place of each that is whole: `5.5 drain` is no part of `15.5 drain`, nor of `5.5 drainage`.
fn replaced(text: &str, word: &str, other: &str) -> String {
    let goes_on = |char: char| char.is_alphanumeric() || char == '-';
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, found) = rest.split_at(at);
        let after = &found[word.len()..];
        out.push_str(before);
        let is_whole = !out.ends_with(goes_on) && !after.starts_with(goes_on);
        out.push_str(if is_whole { other } else { word });
        rest = after;
    }
    out + rest
}

/// Each mistake by its name, with the first sentence of its page.
fn list(course: &Course) {
    let paint = Paint::for_stdout();
    let named = |page: PathBuf| (name_of(&mistakes::code_of(&page)).to_owned(), page);
    let pages: BTreeMap<String, PathBuf> = mistakes::pages(course).into_iter().map(named).collect();
    let widest = pages.keys().map(String::len).max().unwrap_or(0);
    for (name, page) in &pages {
        let text = files::read_text(page).unwrap_or_default();
        let name = format!("{name:<widest$}  ");
        println!("{}", hanging_entry(&name, &first_sentence(&text), paint));
    }
    if pages.is_empty() {
        println!("No mistake is explained yet.");
    }
}

/// The first sentence of the first paragraph: of what is neither a heading, a directive, a program, a table nor a comment.
fn first_sentence(page: &str) -> String {
    let mut in_code = false;
    let is_prose = |line: &&str| {
        if line.starts_with("```") {
            in_code = !in_code;
            return false;
        }
        let begins_otherwise = line.starts_with(['#', '{', '>', '|', '<']);
        !in_code && !line.trim().is_empty() && !begins_otherwise
    };
    let mut lines = page.lines();
    let first = lines.by_ref().find(is_prose).unwrap_or_default();
    let rest = lines.take_while(|line| !line.trim().is_empty());
    let paragraph: Vec<&str> = std::iter::once(first).chain(rest).collect();
    let paragraph = markdown::words(&paragraph.join(" "));
    match paragraph.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => paragraph,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_shows_the_first_sentence_of_each_page() {
        assert_eq!(
            first_sentence("# code\n\nYou looked,\nand then acted. Then more.\n"),
            "You looked, and then acted."
        );
    }

    #[test]
    fn a_sentence_may_begin_with_code_and_a_program_is_none() {
        assert_eq!(
            first_sentence("# code\n\n`poll` is called\nagain. Then more.\n"),
            "`poll` is called again."
        );
        assert_eq!(
            first_sentence(
                "# code\n\n```rust\nlet a = 1;\n\n// b\n```\n\n**What** [it](a.md) did.\n"
            ),
            "What it did."
        );
    }

    #[test]
    fn an_exercise_is_called_what_a_learner_can_say() {
        assert_eq!(
            replaced(
                "Taught in: 5.5 drain, 15.5 drain, 5.5 drain-all,\n5.5 drain.",
                "5.5 drain",
                "5.5 reactor/drain"
            ),
            "Taught in: 5.5 reactor/drain, 15.5 drain, 5.5 drain-all,\n5.5 reactor/drain."
        );
    }
}
