//! `cargo learn new CHAPTER SLUG`: the skeleton of an exercise. What is left to write says TODO, or is missing, and `verify` names it.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Result, bail};
use course::course::{Chapter, Course, Exercise, Kind};
use course::modules::{self, Side};
use course::{files, stub, sums};

/// What stands where a maintainer has to write. `verify` looks for it.
pub(crate) const TODO: &str = "TODO";

/// Writes the skeleton, and prints the files and what to put on a page.
///
/// # Errors
///
/// One sentence if there is no such chapter or kind, if the name is none or is taken, or if a file cannot be written.
pub(crate) fn run(
    course: &Course,
    chapter: &str,
    slug: &str,
    kind: &str,
    title: &str,
) -> Result<()> {
    let kind = kind_called(kind)?;
    let chapter = chapter_called(course, chapter)?;
    let slug = slug.replace('-', "_");
    look_for_clash(course, chapter, &slug)?;
    let list = course
        .root
        .join("exercises")
        .join(&chapter.folder)
        .join("chapter.toml");
    let text = files::normalise(&files::read_text(&list)?);
    let text = format!(
        "{}\n\n{}",
        text.trim_end(),
        entry(chapter, &slug, kind, title)
    );
    let chapter = Chapter::parse(&course.root, &chapter.folder, &text)?;
    let exercise = chapter.exercises.last().expect("one was just added");
    let answer = answer(exercise);
    let written = [
        (exercise.answer.as_path(), answer.as_str()),
        (&exercise.source, &stub::derive(&answer)?),
        (&exercise.check, &check(exercise)),
        (
            &exercise.about,
            "# Hint 1\n\n# Hint 2\n\n# Hint 3\n\n# Solved\n",
        ),
        (&list, &text),
    ];
    // Nothing is overwritten: a check or hints may have been written before the entry.
    for (path, _) in &written {
        if path.exists() && **path != *list {
            bail!("{} is there already.", course.shown(path));
        }
    }
    for (path, text) in written {
        write(course, path, text)?;
    }
    for side in Side::BOTH {
        let library = side.library(course, &chapter);
        let text = files::read_if_there(&library)?.unwrap_or_default();
        if let Some(text) = modules::derive(course, &chapter, side, &text) {
            write(course, &library, &text)?;
        }
    }
    let folder = exercise.checks_folder();
    write(course, &folder.join(sums::FILE), &sums::compute(folder)?)?;
    let name = exercise.short_name();
    println!(
        "\nWrite `{{{{#exercise {name}}}}}` on the page of the exercise. `cargo learn verify {}` says what is left to do.",
        exercise.id
    );
    Ok(())
}

fn write(course: &Course, path: &Path, text: &str) -> Result<()> {
    files::write_whole(path, text)?;
    println!("{}: written", course.shown(path));
    Ok(())
}

fn kind_called(name: &str) -> Result<Kind> {
    let found = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    match found {
        Some(kind) => Ok(kind),
        None => bail!(
            "There is no kind `{name}`: it is one of {}.",
            Kind::ALL.map(Kind::name).join(", ")
        ),
    }
}

/// The chapter that `4`, `04`, `event-loop` or `04-event-loop` means.
fn chapter_called<'a>(course: &'a Course, wanted: &str) -> Result<&'a Chapter> {
    let number = wanted.parse::<u32>().ok();
    let is_it = |chapter: &&Chapter| {
        let name = chapter.folder.split_once('-').map(|(_, name)| name);
        number == Some(chapter.number) || wanted == chapter.folder || Some(wanted) == name
    };
    let folders = course
        .chapters
        .iter()
        .map(|chapter| chapter.folder.as_str());
    match course.chapters.iter().find(is_it) {
        Some(chapter) => Ok(chapter),
        None => bail!(
            "There is no chapter `{wanted}`: say one of {}.",
            folders.collect::<Vec<_>>().join(", ")
        ),
    }
}

fn look_for_clash(course: &Course, chapter: &Chapter, slug: &str) -> Result<()> {
    let in_name = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_';
    let begins = slug.starts_with(|first: char| first.is_ascii_lowercase());
    if !begins || !slug.chars().all(in_name) {
        bail!("`{slug}` is no name of an exercise: write it like `running_average`.");
    }
    if chapter
        .exercises
        .iter()
        .any(|exercise| exercise.slug == slug)
    {
        bail!("Chapter {} has an exercise `{slug}`.", chapter.number);
    }
    for parent in ["exercises", "solutions"] {
        let folder = course.root.join(parent).join(&chapter.folder).join("src");
        let path = folder.join(format!("{slug}.rs"));
        if path.exists() {
            bail!("{} is there already.", course.shown(&path));
        }
    }
    Ok(())
}

fn entry(chapter: &Chapter, slug: &str, kind: Kind, title: &str) -> String {
    let page = chapter
        .sections
        .last()
        .map_or(&chapter.page, |last| &last.page);
    let kind = kind.name();
    format!(
        "[[exercise]]\nslug = {slug:?}\ntitle = {title:?}\nkind = {kind:?}\nminutes = 0\npage = {page:?}\n"
    )
}

fn answer(exercise: &Exercise) -> String {
    let mut text =
        format!("//! {TODO}: what the learner does here, and what the code must do.\n\n");
    let body = match exercise.kind {
        Kind::Predict => {
            "/// The lines in order. A question mark is a line that you have not decided on.\n\
             pub fn prediction() -> [&'static str; 1] {\n    // YOURS\n    [\"a runs\"]\n    // STUB: [\"?\"]\n    // YOURS_END\n}\n"
        }
        Kind::Debug => {
            "/// TODO: the contract.\npub fn answer(question: u32) -> u32 {\n    // YOURS\n    question\n    \
             // STUB: // TODO: the program with its fault.\n    // STUB: question + 1\n    // YOURS_END\n}\n"
        }
        Kind::Build | Kind::Apply => {
            "/// TODO: the contract.\npub fn answer(question: u32) -> u32 {\n    // YOURS\n    question\n    \
             // STUB: todo!(\"answer {question}\")\n    // YOURS_END\n}\n"
        }
        Kind::Break => {
            "/// What can happen.\n#[derive(Debug, Clone, Copy, PartialEq, Eq)]\npub enum Step {\n    /// TODO: what it does.\n    Polls,\n}\n\n\
             /// The schedule in which exactly the faulty version fails.\npub fn schedule() -> Vec<Step> {\n    // YOURS\n    \
             vec![Step::Polls]\n    // STUB: Vec::new()\n    // YOURS_END\n}\n"
        }
        Kind::Measure => {
            "/// TODO: the figure that one run of the program prints.\npub fn measured() -> u64 {\n    // YOURS\n    1\n    \
             // STUB: todo!(\"measure\")\n    // YOURS_END\n}\n"
        }
    };
    text.push_str(body);
    text
}

fn check(exercise: &Exercise) -> String {
    let (name, said) = match exercise.kind {
        Kind::Predict => ("prediction", "prediction()[0]"),
        Kind::Measure => ("measured", "measured().to_string()"),
        Kind::Build | Kind::Debug | Kind::Apply => ("answer", "answer(1).to_string()"),
        Kind::Break => return breaking_check(exercise),
    };
    let mut text = String::new();
    let _ = write!(
        text,
        "//! {} {}: {TODO}, what it is about.\n\n\
         use super::subject::{name};\nuse probe::{{run, snapshot}};\n\n\
         // {TODO}: a name that is a sentence about the code.\n\
         #[test]\nfn the_first_answer_is_right() {{\n    let run = run!(\"first\");\n    \
         run.recorder().says(\"{name}\", {said});\n    snapshot!(run);\n}}\n",
        exercise.number,
        exercise.short_name()
    );
    text
}

/// The check of a *break it* exercise: the same driver for both versions, which this skeleton does not have yet.
fn breaking_check(exercise: &Exercise) -> String {
    format!(
        "//! {} {}: {TODO}, what it is about. The faulty version belongs into {}/faulty.rs.\n\n{BREAKING}",
        exercise.number,
        exercise.short_name(),
        exercise.slug
    )
}

const BREAKING: &str = r#"use std::borrow::Cow;

use super::subject::{Step, schedule};
use probe::breaking::{Breaking, Fault, Scheduled, Version};
use probe::{run, runs};

const STEPS: [Step; 1] = [Step::Polls];

impl Scheduled for Step {
    fn track(&self) -> Cow<'static, str> {
        "A".into()
    }

    fn call(&self) -> Cow<'static, str> {
        "polls".into()
    }
}

// TODO: a macro makes it twice, on `faulty` and on the right version.
struct Driver {
    polls: u32,
    fails_at: u32,
}

impl Version for Driver {
    type Step = Step;

    fn apply(&mut self, step: &Step) -> Result<runs::Step, String> {
        match step {
            Step::Polls => self.polls += 1,
        }
        Ok(runs::Step::of("pending"))
    }

    fn fault(&self) -> Option<Fault> {
        (self.polls == self.fails_at).then(|| Fault::of("A", "waits, and nothing will wake it"))
    }
}

#[test]
fn exactly_the_faulty_version_fails() {
    let how = Breaking {
        rule: "no task waits for what has happened",
        alphabet: &STEPS,
    };
    let version = |fails_at| move || Driver { polls: 0, fails_at };
    how.judge(&run!(), schedule, version(1), version(0));
}
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stub_of_a_skeleton_can_be_derived_for_each_kind() {
        for kind in Kind::ALL {
            let text = format!(
                "title = \"T\"\npart = \"P\"\npage = \"index.md\"\n[[exercise]]\nslug = \"a_b\"\ntitle = \"\"\nkind = {:?}\nminutes = 0\npage = \"p.md\"\n",
                kind.name()
            );
            let chapter = Chapter::parse(Path::new("/course"), "01-first", &text).unwrap();
            let exercise = &chapter.exercises[0];
            let answer = answer(exercise);
            assert!(stub::has_marks(&answer));
            assert_ne!(stub::derive(&answer).unwrap(), answer);
            assert!(check(exercise).contains("use super::subject::"));
        }
    }
}
