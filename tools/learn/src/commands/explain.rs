//! `cargo learn explain CODE`: a mistake at length.

use anyhow::{Result, bail};
use course::repair;

use crate::course::{Course, Exercise};
use crate::id::closest;
use crate::learner::files;
use crate::mistakes;
use crate::screen::markdown;
use crate::screen::page;
use crate::screen::paint::Paint;

/// Prints the page that explains a code, or the list of codes.
///
/// # Errors
///
/// If there is no such code, with the closest match.
pub fn run(course: &Course, code: Option<&str>) -> Result<()> {
    match code {
        Some(code) => print!("{}", text(course, code, None, Paint::for_stdout())?),
        None => list(course),
    }
    Ok(())
}

/// The page that explains a code, for the terminal. For an exercise that has the mistake, its first repair is this exercise's.
///
/// # Errors
///
/// If there is no such code, with the closest match.
pub fn text(
    course: &Course,
    code: &str,
    exercise: Option<&Exercise>,
    paint: Paint,
) -> Result<String> {
    let code = code.trim().to_lowercase();
    let path = mistakes::page(course, &code);
    if path.is_file() && !code.contains(['/', '\\']) {
        let text = files::read_text(&path)?;
        let text = match exercise {
            Some(exercise) => with_repair_of(course, exercise, &code, &text),
            None => text,
        };
        let text = with_names(course, page::filled_in(course, &path, &text));
        return Ok(markdown::draw(&text, paint));
    }
    let codes: Vec<String> = mistakes::pages(course)
        .iter()
        .map(|page| mistakes::code_of(page))
        .collect();
    match closest(&code, codes.iter().map(String::as_str)) {
        Some(guess) => bail!("There is no mistake `{code}`. Did you mean `{guess}`?"),
        None => bail!("There is no mistake `{code}`. `cargo learn explain` lists them all."),
    }
}

/// The page with the repair of this exercise in place of the first repair, if the exercise has one.
fn with_repair_of(course: &Course, exercise: &Exercise, code: &str, page: &str) -> String {
    let argument = format!("{}/{code}", exercise.id);
    let first = page.lines().find(|line| line.starts_with("{{#repair "));
    match first {
        Some(first) if repair::block(course, &argument).is_ok() => {
            page.replacen(first, &format!("{{{{#repair {argument}}}}}"), 1)
        }
        _ => page.to_owned(),
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

/// Each code with the first sentence of its page.
fn list(course: &Course) {
    let pages = mistakes::pages(course);
    let widest = pages
        .iter()
        .map(|page| mistakes::code_of(page).len())
        .max()
        .unwrap_or(0);
    for page in &pages {
        let text = files::read_text(page).unwrap_or_default();
        println!(
            "{:<widest$}  {}",
            mistakes::code_of(page),
            first_sentence(&text)
        );
    }
    if pages.is_empty() {
        println!("No mistake is explained yet.");
    }
}

/// The first sentence of the first paragraph that is neither a heading nor a directive.
fn first_sentence(page: &str) -> String {
    let is_prose = |line: &&str| {
        !line.trim().is_empty() && !line.starts_with(['#', '{', '>', '`', '|', '*', '<'])
    };
    let paragraph: Vec<&str> = page
        .lines()
        .skip_while(|line| !is_prose(line))
        .take_while(|line| !line.trim().is_empty())
        .collect();
    let paragraph = paragraph.join(" ");
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
