//! What each exercise must have, and what must be used.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::Call;
use crate::equivalent;
use crate::findings::Findings;
use crate::new::TODO;
use course::about::{About, HINTS};
use course::course::{Course, Exercise, Kind};
use course::directives;
use course::files;
use course::files::with_ending;
use course::mistakes;
use learn::judging::test;

/// Each exercise has its check, snapshots, hints, mistakes and pages, and each file beside the checks belongs to an exercise.
pub(crate) fn check(call: &Call<'_>, findings: &mut Findings) -> Result<()> {
    let course = call.course;
    for exercise in &call.exercises {
        check_texts(course, exercise, findings)?;
        check_tests(course, exercise, findings)?;
        check_skeleton(course, exercise, findings)?;
    }
    let chapters = course.chapters.iter();
    for chapter in chapters.filter(|_| call.arguments.ids.is_empty()) {
        let page = course.root.join("book/pages").join(&chapter.page);
        if !page.is_file() {
            findings.add(
                course,
                &page,
                format!(
                    "is missing: it is the first page of chapter {}.",
                    chapter.number
                ),
            );
        }
        check_strays(course, &chapter.folder, &chapter.exercises, findings)?;
        equivalent::check(course, chapter, findings)?;
    }
    Ok(())
}

/// What `cargo learn new` has left to write.
fn check_skeleton(course: &Course, exercise: &Exercise, findings: &mut Findings) -> Result<()> {
    for path in [&exercise.answer, &exercise.check, &exercise.about] {
        let text = files::read_if_there(path)?.unwrap_or_default();
        let left = text.lines().position(|line| line.contains(TODO));
        if let Some(index) = left {
            let what = format!(
                "says {TODO} in line {}: write what belongs there.",
                index + 1
            );
            findings.add(course, path, what);
        }
    }
    let page = course.root.join("book/pages").join(&exercise.page);
    let names = |line: &str| {
        let asked = directives::split(line).filter(|(name, _)| *name == "exercise");
        asked.is_some_and(|(_, id)| id == exercise.short_name() || id == exercise.id)
    };
    if let Some(text) = files::read_if_there(&page)?
        && !text.lines().any(names)
    {
        let directive = format!("{{{{#exercise {}}}}}", exercise.name());
        let what = format!(
            "does not send the reader to {}: write `{directive}` there.",
            exercise.id
        );
        findings.add(course, &page, what);
    }
    Ok(())
}

fn check_texts(course: &Course, exercise: &Exercise, findings: &mut Findings) -> Result<()> {
    let about = About::read(exercise)?;
    if about.hints.len() < HINTS {
        let what = format!(
            "has {} of {HINTS} hints: write `# Hint {}`.",
            about.hints.len(),
            about.hints.len() + 1
        );
        findings.add(course, &exercise.about, what);
    }
    if about.solved.is_empty() {
        findings.add(
            course,
            &exercise.about,
            "has no word after success: write `# Solved`.",
        );
    }
    let page = course.root.join("book/pages").join(&exercise.page);
    if !page.is_file() {
        findings.add(
            course,
            &page,
            format!("is missing: {} says to read it first.", exercise.id),
        );
    }
    let list = course
        .root
        .join("exercises")
        .join(&exercise.chapter)
        .join("chapter.toml");
    if exercise.title.trim().is_empty() {
        findings.add(course, &list, format!("{} has no title.", exercise.id));
    }
    if exercise.minutes == 0 {
        findings.add(
            course,
            &list,
            format!(
                "{} has no minutes: measure them on a trial run.",
                exercise.id
            ),
        );
    }
    Ok(())
}

fn check_tests(course: &Course, exercise: &Exercise, findings: &mut Findings) -> Result<()> {
    if files::read_if_there(&exercise.check)?.is_none() {
        findings.add(course, &exercise.check, "is missing.");
        return Ok(());
    }
    if test::of(exercise)?.is_empty() {
        findings.add(course, &exercise.check, "has no test: write a #[test].");
    }
    if test::of(exercise)?.len() != marked(&exercise.check_files())? {
        findings.add(
            course,
            &exercise.check_modules(),
            "holds a test that is never run: declare its module with `mod NAME;` in the check.",
        );
    }
    if !names_its_subject(&exercise.check_files())? {
        findings.add(
            course,
            &exercise.check,
            "does not name its subject: `use super::subject::…`.",
        );
    }
    // Which runs a schedule makes is the learner's choice, so no snapshot can hold them.
    if exercise.kind != Kind::Break && snapshots(exercise).is_empty() {
        findings.add(
            course,
            &exercise.check,
            "has no snapshot: end a test with `snapshot!(run)`.",
        );
    }
    if mistakes::of(exercise).is_empty() {
        findings.add(
            course,
            &exercise.mistakes,
            "has no known mistake: `cargo learn mistake` keeps one there.",
        );
    }
    Ok(())
}

/// How many tests there are in files.
fn marked(check: &[PathBuf]) -> Result<usize> {
    let mut tests = 0;
    for file in check {
        let text = files::read_text(file)?;
        tests += text.lines().filter(|line| line.trim() == "#[test]").count();
    }
    Ok(tests)
}

fn names_its_subject(check: &[PathBuf]) -> Result<bool> {
    for file in check {
        if files::read_text(file)?.contains("super::subject") {
            return Ok(true);
        }
    }
    Ok(false)
}

fn snapshots(exercise: &Exercise) -> Vec<PathBuf> {
    with_ending(&exercise.checks_folder().join("snapshots"), "snap")
        .into_iter()
        .filter(|path| stem(path).starts_with(&format!("{}__", exercise.slug)))
        .collect()
}

/// Files beside the checks and mistakes that no exercise uses.
fn check_strays(
    course: &Course,
    chapter: &str,
    exercises: &[Exercise],
    findings: &mut Findings,
) -> Result<()> {
    let checks = course.root.join("exercises").join(chapter).join("checks");
    for path in with_ending(&checks.join("snapshots"), "snap") {
        let stem = stem(&path);
        let (slug, name) = stem.split_once("__").unwrap_or((&stem, ""));
        let quoted = format!("\"{name}\"");
        let mut check = vec![checks.join(format!("{slug}.rs"))];
        check.extend(with_ending(&checks.join(slug), "rs"));
        let mut used = false;
        for file in check {
            used |= files::read_if_there(&file)?.is_some_and(|text| text.contains(&quoted));
        }
        if !used {
            findings.add(course, &path, "is used by no check: remove it.");
        }
    }
    let is_known = |path: &PathBuf| exercises.iter().any(|exercise| exercise.slug == stem(path));
    for path in with_ending(&checks, "rs")
        .iter()
        .filter(|path| !is_known(path))
    {
        findings.add(
            course,
            path,
            "belongs to no exercise: list it in chapter.toml.",
        );
    }
    let mistakes = course.root.join("solutions").join(chapter).join("mistakes");
    for entry in std::fs::read_dir(&mistakes).into_iter().flatten().flatten() {
        let path = entry.path();
        if !is_known(&path) && !path.ends_with(equivalent::FILE) {
            findings.add(
                course,
                &path,
                "belongs to no exercise: list it in chapter.toml.",
            );
        }
    }
    Ok(())
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
