//! The codes of mistakes: each that is used is explained, and each that is explained is used.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::findings::Findings;
use course::course::Course;
use course::files;
use course::files::with_ending;
use course::mistakes;
use course::names::name_of;
use learn::judging::manifest::Manifest;

/// Where codes stand in the source of a check or a law: the next string after one of these.
const BEFORE_A_CODE: [&str; 4] = ["diagnose(", "diagnose_at(", "mistake:", "risk("];

/// Each code has a page whose first line is its name, with a link to the page that teaches it.
pub(crate) fn check(course: &Course, findings: &mut Findings) -> Result<()> {
    let used = used(course)?;
    for (code, place) in &used {
        check_page(course, code, place, findings)?;
    }
    for page in mistakes::pages(course) {
        let code = mistakes::code_of(&page);
        if !used.contains_key(&code) {
            findings.add(course, &page, "explains a code that no check names.");
        }
    }
    Ok(())
}

fn check_page(course: &Course, code: &str, place: &Path, findings: &mut Findings) -> Result<()> {
    let page = mistakes::page(course, code);
    let Some(text) = files::read_if_there(&page)? else {
        findings.add(
            course,
            &page,
            format!("is missing: {} names `{code}`.", course.shown(place)),
        );
        return Ok(());
    };
    let name = name_of(code);
    if text.lines().next() != Some(&format!("# {name}")) {
        findings.add(
            course,
            &page,
            format!("should begin with the line `# {name}`."),
        );
    }
    let derived = text.lines().any(|line| line.trim() == "{{#taught}}");
    if name != code && !derived && !text.contains(&format!("`{code}`")) {
        let what = format!("does not say that JSON and JUnit call this mistake `{code}`.");
        findings.add(course, &page, what);
    }
    if !derived && !text.contains("](../") {
        findings.add(course, &page, "links to no page that teaches it.");
    }
    Ok(())
}

/// Every code that a check, a law or a known mistake names, with one file that does.
fn used(course: &Course) -> Result<BTreeMap<String, PathBuf>> {
    let mut used = BTreeMap::new();
    for exercise in course.exercises() {
        for mistake in mistakes::of(exercise) {
            used.entry(mistake.code).or_insert(mistake.file);
        }
    }
    for path in sources(course)? {
        let text = files::read_text(&path)?;
        for code in codes_in(&text) {
            used.entry(code).or_insert_with(|| path.clone());
        }
    }
    Ok(used)
}

/// The checks with their modules, and the laws of the crates in `tools` that they use.
fn sources(course: &Course) -> Result<BTreeSet<PathBuf>> {
    let mut sources = BTreeSet::new();
    for chapter in &course.chapters {
        let exercises = course.root.join("exercises").join(&chapter.folder);
        for exercise in &chapter.exercises {
            sources.extend(exercise.check_files());
        }
        for dependency in Manifest::read(&course.root, &exercises)?.dependency_paths() {
            if dependency
                .parent()
                .is_some_and(|parent| parent.ends_with("tools"))
            {
                sources.extend(with_ending(&dependency.join("src"), "rs"));
            }
        }
    }
    Ok(sources)
}

/// The codes that a source names, outside of comments and of its own tests.
fn codes_in(source: &str) -> Vec<String> {
    let program: String = source
        .lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut codes = Vec::new();
    for before in BEFORE_A_CODE {
        for (at, _) in program.match_indices(before) {
            codes.extend(first_code(&program[at + before.len()..]));
        }
    }
    codes
}

/// The first string within the call that looks like a code.
fn first_code(rest: &str) -> Option<String> {
    let call = &rest[..rest.find([';', '{']).unwrap_or(rest.len())];
    let text = call.split('"').nth(1)?;
    let is_code = text.contains('-')
        && text
            .chars()
            .all(|char| char.is_ascii_lowercase() || char == '-');
    is_code.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_where_laws_name_them_and_nowhere_else() {
        let source = "
            // run.diagnose(\"in-a-comment\")
            run.diagnose(\"off-by-one\", \"a sentence\");
            run.diagnose_at(
                Some(2),
                \"eager-start\",
                \"x\",
            );
            Misconception { mistake: \"await-always-yields\", predictions };
            fn diagnose(&self, mistake: &str) {}
            run.risk(Some(\"wake-under-lock\"), \"x\", || {});
            #[cfg(test)]
            run.diagnose(\"in-a-test\", \"x\");
        ";
        assert_eq!(
            codes_in(source),
            [
                "off-by-one",
                "eager-start",
                "await-always-yields",
                "wake-under-lock"
            ]
        );
    }
}
