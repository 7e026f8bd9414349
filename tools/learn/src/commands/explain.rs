//! `cargo learn explain CODE`: a mistake at length.

use anyhow::{Result, bail};

use crate::course::Course;
use crate::files;
use crate::id::closest;
use crate::mistakes;
use crate::page;
use crate::screen::markdown;
use crate::screen::paint::Paint;

/// Prints the page that explains a code, or the list of codes.
///
/// # Errors
///
/// If there is no such code, with the closest match.
pub fn run(course: &Course, code: Option<&str>) -> Result<()> {
    match code {
        Some(code) => print!("{}", text(course, code, Paint::for_stdout())?),
        None => list(course),
    }
    Ok(())
}

/// The page that explains a code, for the terminal.
///
/// # Errors
///
/// If there is no such code, with the closest match.
pub fn text(course: &Course, code: &str, paint: Paint) -> Result<String> {
    let code = code.trim().to_lowercase();
    let path = mistakes::page(course, &code);
    if path.is_file() && !code.contains(['/', '\\']) {
        return Ok(markdown::draw(&page::read(course, &path)?, paint));
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
}
