//! The order of the programs on a mistake's page: the learner meets the variant of their own exercise first.

use course::course::{Course, Exercise};
use course::mistakes;

/// A page in parts: text, and the programs that show the mistake in some exercise.
enum Part<'a> {
    Text(Vec<&'a str>),
    /// The program of the exercise whose id or folder this is.
    Program {
        of: String,
        lines: Vec<&'a str>,
    },
}

/// The page with the program of `here` behind its first paragraph, and those of other exercises at its end, under a heading. A
/// page without a program of `here` gets one, if the mistake is known there.
pub(super) fn sorted(course: &Course, page: &str, code: &str, here: &Exercise) -> String {
    let parts = parts(page, code);
    let is_of_here = |of: &str| of == here.id || of == folder(here);
    let shows_here = parts
        .iter()
        .any(|part| matches!(part, Part::Program { of, .. } if is_of_here(of)));
    let edit = mistakes::find(here, code)
        .ok()
        .and_then(|mistake| mistake.edit().ok().flatten());
    if !shows_here && edit.is_none() {
        return page.to_owned();
    }
    let own_repair = format!("{{{{#repair {}/{code}}}}}", here.id);
    let (mut text, mut own, mut elsewhere) = (Vec::new(), Vec::new(), Vec::new());
    for part in &parts {
        match part {
            Part::Text(lines) => text.extend(lines.iter().copied()),
            Part::Program { of, lines } if is_of_here(of) => own.extend(lines.iter().copied()),
            Part::Program { of, lines } => elsewhere.push((of, lines)),
        }
    }
    if own.is_empty() {
        own.push(&own_repair);
    }
    let end_of_the_first = end_of_the_first_paragraph(&text);
    let heading = format!("In {} {}:", here.number, here.name());
    let mut sorted: Vec<&str> = text[..end_of_the_first].to_vec();
    sorted.extend(["", &heading, ""]);
    sorted.extend(own);
    sorted.extend(&text[end_of_the_first..]);
    let mut sorted = sorted.join("\n");
    for (place, (of, lines)) in elsewhere.iter().enumerate() {
        let heading = if place == 0 { "\n\n## Elsewhere" } else { "" };
        let name = course
            .exercises()
            .find(|exercise| exercise.id == **of || folder(exercise) == **of)
            .map_or_else(
                || (*of).clone(),
                |it| format!("{} {}", it.number, it.name()),
            );
        sorted.push_str(&format!("{heading}\n\n{name}:\n\n{}\n", lines.join("\n")));
    }
    sorted
}

/// Where an exercise's known mistakes lie, as the paths on the pages name it: `03-wakers/mistakes/oneshot`.
fn folder(exercise: &Exercise) -> String {
    format!("{}/mistakes/{}", exercise.chapter, exercise.slug)
}

/// A page cut into its parts. A program is the line of a repair, or a block of code that is nothing but an include of a mistake.
fn parts<'a>(page: &'a str, code: &str) -> Vec<Part<'a>> {
    let lines: Vec<&str> = page.lines().collect();
    let mut parts = Vec::new();
    let mut text = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let found = repair_of(lines[at])
            .map(|of| (of, 1))
            .or_else(|| included_mistake(&lines[at..], code).map(|of| (of, 3)));
        let Some((of, length)) = found else {
            text.push(lines[at]);
            at += 1;
            continue;
        };
        parts.push(Part::Text(std::mem::take(&mut text)));
        parts.push(Part::Program {
            of,
            lines: lines[at..at + length].to_vec(),
        });
        at += length;
    }
    parts.push(Part::Text(text));
    parts
}

/// `wakers/block-on` of `{{#repair wakers/block-on/busy-poll}}`.
fn repair_of(line: &str) -> Option<String> {
    let argument = line.trim().strip_prefix("{{#repair ")?.strip_suffix("}}")?;
    Some(argument.trim().rsplit_once('/')?.0.to_owned())
}

/// `03-wakers/mistakes/oneshot` of a block that includes `…/03-wakers/mistakes/oneshot/busy-poll.rs`.
fn included_mistake(lines: &[&str], code: &str) -> Option<String> {
    let [open, include, "```", ..] = lines else {
        return None;
    };
    let path = include.strip_prefix("{{#include ")?;
    let (folder, file) = path.rsplit_once('/')?;
    let is_program = open.starts_with("```") && file.starts_with(code);
    let from = folder.find("solutions/")? + "solutions/".len();
    (is_program && folder.contains("/mistakes/")).then(|| folder[from..].to_owned())
}

/// Behind the heading and the paragraph that follows it.
fn end_of_the_first_paragraph(lines: &[&str]) -> usize {
    let is_prose = |line: &&&str| !line.trim().is_empty() && !line.starts_with('#');
    let before = lines.iter().take_while(|line| !is_prose(line)).count();
    let paragraph = lines[before..]
        .iter()
        .take_while(|line| !line.trim().is_empty())
        .count();
    before + paragraph
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_of_a_page_are_told_from_its_text() {
        let page = "# a\n\nOne.\n\n{{#repair b/c/a}}\n\nTwo.\n\n```rust\n\
            {{#include ../../../solutions/03-d/mistakes/e/a.rs:mistake}}\n```\n";
        let of: Vec<String> = parts(page, "a")
            .into_iter()
            .filter_map(|part| match part {
                Part::Program { of, .. } => Some(of),
                Part::Text(_) => None,
            })
            .collect();
        assert_eq!(of, ["b/c", "03-d/mistakes/e"]);
    }
}
