//! The course as it lies on disk: chapters, exercises, and where their files are.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::chapter_file::{ChapterFile, ExerciseEntry};
use crate::files;
use crate::taught;

/// For tests and for several people on one machine: another folder than `target/learn` for everything that is built.
pub const TARGET_VARIABLE: &str = "LEARN_TARGET";

/// A checkout of the course.
#[derive(Debug)]
pub struct Course {
    /// Its folder, absolute.
    pub root: PathBuf,
    /// Where checks are built and run, absolute.
    pub target: PathBuf,
    /// The chapters that are written, in order.
    pub chapters: Vec<Chapter>,
    /// Read when it is first needed.
    taught: OnceLock<taught::Index>,
}

/// One chapter with exercises.
#[derive(Debug)]
pub struct Chapter {
    /// The folder's name in `exercises/`, `chapters/` and `solutions/`: `01-generators`.
    pub folder: String,
    /// Its number: 1.
    pub number: u32,
    /// What its title is.
    pub title: String,
    /// The part of the course it belongs to.
    pub part: String,
    /// Its first page, relative to `book/pages`.
    pub page: String,
    /// Its pages after the first, in order.
    pub sections: Vec<Section>,
    /// Its exercises, in order.
    pub exercises: Vec<Exercise>,
}

/// One page of a chapter after its first.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Relative to `book/pages`.
    pub page: String,
    /// What it answers.
    pub question: String,
    /// How many minutes it takes to read.
    pub reading: u32,
}

/// One exercise.
#[derive(Debug, Clone)]
pub struct Exercise {
    /// `generators/running-average`.
    pub id: String,
    /// `1.3`.
    pub number: String,
    /// Its file's name without the ending: `running_average`.
    pub slug: String,
    /// What it is called on a command line: `running-average`, or the id where another chapter has one of that name.
    pub shown: String,
    /// What it is called.
    pub title: String,
    /// What the learner does in it.
    pub kind: Kind,
    /// How long it takes, measured.
    pub minutes: u32,
    /// The page to read first, relative to `book/pages`.
    pub page: String,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether its check tries many interleavings, with locks and threads of its own as `crate::sync`.
    pub model: bool,
    /// The slug of the exercise that comes first, where one of the chapter with a higher number does: the page asks it before it shows
    /// what this stub says.
    pub after: Option<String>,
    /// The folder's name of its chapter.
    pub chapter: String,
    /// The learner's file.
    pub source: PathBuf,
    /// The check.
    pub check: PathBuf,
    /// Hints, and a word after success.
    pub about: PathBuf,
    /// The reference answer.
    pub answer: PathBuf,
    /// The folder of known mistakes; it need not exist.
    pub mistakes: PathBuf,
    /// The folder of right answers that are unlike the reference; it need not exist.
    pub others: PathBuf,
}

/// What the learner does in an exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Writes the trace of a program before running it.
    Predict,
    /// Writes a part of the runtime.
    Build,
    /// Repairs a plausible program.
    Debug,
    /// Uses the idea for something new.
    Apply,
    /// Finds a figure and explains it.
    Measure,
    /// Writes the schedule in which a faulty version fails.
    Break,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 6] = [
        Kind::Predict,
        Kind::Build,
        Kind::Debug,
        Kind::Apply,
        Kind::Measure,
        Kind::Break,
    ];

    /// What it is called, as `chapter.toml` has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Predict => "predict",
            Kind::Build => "build",
            Kind::Debug => "debug",
            Kind::Apply => "apply",
            Kind::Measure => "measure",
            Kind::Break => "break",
        }
    }

    /// What to do with the untouched file, as a part of a sentence.
    #[must_use]
    pub fn first_step(self) -> &'static str {
        match self {
            Kind::Predict => "write what you expect in place of the question marks",
            Kind::Build | Kind::Apply => "replace what is marked with todo!",
            Kind::Debug => "find what is wrong with the program that stands there, repair it",
            Kind::Measure => "measure, write what you found in place of the todo!",
            Kind::Break => "write the schedule in which only the faulty version fails",
        }
    }
}

impl Course {
    /// The course that a folder lies in: that folder itself, or one above it.
    ///
    /// # Errors
    ///
    /// If there is none, or if one of its `chapter.toml` is damaged.
    pub fn around(folder: &Path) -> Result<Course> {
        let root = folder.ancestors().find(|folder| is_course(folder));
        let Some(root) = root else {
            bail!(
                "{} is not inside the course: change to the folder that you cloned.",
                folder.display()
            );
        };
        Course::at(root.to_owned())
    }

    /// The course in this very folder, which may have no chapter yet.
    ///
    /// # Errors
    ///
    /// If one of its `chapter.toml` is damaged.
    pub fn at(root: PathBuf) -> Result<Course> {
        let target = std::env::var_os(TARGET_VARIABLE)
            .map_or_else(|| root.join("target").join("learn"), PathBuf::from);
        let chapters = chapters(&root)?;
        Ok(Course::new(root, target, chapters))
    }

    /// A course of these chapters, which need not lie on disk.
    #[must_use]
    pub fn new(root: PathBuf, target: PathBuf, chapters: Vec<Chapter>) -> Course {
        Course {
            root,
            target,
            chapters,
            taught: OnceLock::new(),
        }
    }

    pub(crate) fn taught(&self) -> &taught::Index {
        self.taught.get_or_init(|| taught::index(self))
    }

    /// All exercises, by number.
    pub fn exercises(&self) -> impl DoubleEndedIterator<Item = &Exercise> {
        self.chapters.iter().flat_map(|chapter| &chapter.exercises)
    }

    /// All exercises in the order in which the pages ask them: by number, but for the few that come [`after`](Exercise::after) one
    /// with a higher number.
    pub fn as_asked(&self) -> impl Iterator<Item = &Exercise> {
        let chapters = self.chapters.iter();
        chapters.flat_map(|chapter| {
            let (moved, at_their_place): (Vec<_>, Vec<_>) =
                (chapter.exercises.iter()).partition(|exercise| exercise.after.is_some());
            at_their_place.into_iter().flat_map(move |exercise| {
                let behind = moved.clone().into_iter();
                let behind = behind.filter(|it| it.after.as_ref() == Some(&exercise.slug));
                std::iter::once(exercise).chain(behind)
            })
        })
    }

    /// A path of the course as it is shown to people.
    #[must_use]
    pub fn shown(&self, path: &Path) -> String {
        files::shown(&self.root, path)
    }

    /// The folder in which checks are built, and nothing else is.
    #[must_use]
    pub fn checks_folder(&self) -> PathBuf {
        self.target.join("checks")
    }
}

impl Exercise {
    /// What a learner is shown, and can say: `running-average`, or `reactor/drain` where the last part alone is the name of
    /// several.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shown
    }

    /// The last part of the id, which several chapters may have: `running-average`.
    #[must_use]
    pub fn short_name(&self) -> &str {
        self.id.split_once('/').map_or(&self.id, |(_, name)| name)
    }

    /// The learner's file, relative to the course's folder, with slashes.
    #[must_use]
    pub fn file(&self) -> String {
        format!("exercises/{}/src/{}.rs", self.chapter, self.slug)
    }

    /// The folder of the chapter's checks.
    #[must_use]
    pub fn checks_folder(&self) -> &Path {
        self.check.parent().expect("a check lies in a folder")
    }

    /// The folder of the check's modules; many a check has none.
    #[must_use]
    pub fn check_modules(&self) -> PathBuf {
        self.check.with_extension("")
    }

    /// The check, and its modules behind it.
    #[must_use]
    pub fn check_files(&self) -> Vec<PathBuf> {
        let mut files = vec![self.check.clone()];
        files.extend(files::with_ending(&self.check_modules(), "rs"));
        files
    }

    /// The modules that the check's own text declares, in its order: the name and the file of each.
    #[must_use]
    pub fn declared_modules(&self, check: &str) -> Vec<(String, PathBuf)> {
        let names = check.lines().filter_map(|line| {
            let name = line.strip_prefix("mod ")?.strip_suffix(';')?;
            Some((
                name.to_owned(),
                self.check_modules().join(format!("{name}.rs")),
            ))
        });
        names.filter(|(_, file)| file.is_file()).collect()
    }
}

fn is_course(folder: &Path) -> bool {
    folder.join("Cargo.toml").is_file() && !chapter_files(folder).is_empty()
}

/// The `chapter.toml` of each chapter, in order.
fn chapter_files(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root.join("exercises")) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path().join("chapter.toml"))
        .filter(|file| file.is_file())
        .collect();
    files.sort();
    files
}

fn chapters(root: &Path) -> Result<Vec<Chapter>> {
    let mut chapters: Vec<Chapter> = chapter_files(root)
        .iter()
        .map(|file| {
            read_chapter(root, file)
                .with_context(|| format!("{} is damaged", files::shown(root, file)))
        })
        .collect::<Result<_>>()?;
    tell_apart(
        chapters
            .iter_mut()
            .flat_map(|chapter| &mut chapter.exercises),
    );
    Ok(chapters)
}

/// Whose short name is another one's as well is shown with its chapter.
fn tell_apart<'a>(exercises: impl Iterator<Item = &'a mut Exercise>) {
    let mut exercises: Vec<_> = exercises.collect();
    let names: Vec<String> = exercises
        .iter()
        .map(|exercise| exercise.short_name().to_owned())
        .collect();
    for exercise in &mut exercises {
        let name = exercise.short_name();
        let alone = names.iter().filter(|other| *other == name).count() == 1;
        exercise.shown = if alone { name } else { &exercise.id }.to_owned();
    }
}

fn read_chapter(root: &Path, file: &Path) -> Result<Chapter> {
    let folder = file.parent().expect("a file lies in a folder");
    let folder = folder.file_name().unwrap_or_default().to_string_lossy();
    Chapter::parse(root, &folder, &files::read_text(file)?)
}

impl Chapter {
    /// The chapter of a folder, `01-generators`, from the text of its `chapter.toml`.
    ///
    /// # Errors
    ///
    /// What is wrong with the folder's name or with the text.
    pub fn parse(root: &Path, folder: &str, text: &str) -> Result<Chapter> {
        let Some((number, name)) = folder.split_once('-') else {
            bail!("its folder should be called like `01-generators`");
        };
        let number: u32 = number
            .parse()
            .context("its folder's name should begin with the chapter's number")?;
        let written = ChapterFile::parse(text)?;
        let entries = written.exercise.into_iter().enumerate();
        let exercises = entries
            .map(|(index, entry)| {
                let number = format!("{number}.{}", index + 1);
                place(root, folder, name, number, entry)
            })
            .collect();
        Ok(Chapter {
            folder: folder.to_owned(),
            number,
            title: written.title,
            part: written.part,
            page: written.page,
            sections: written.section,
            exercises,
        })
    }

    /// The minutes of the exercises that are required, or of those that are not.
    #[must_use]
    pub fn minutes(&self, optional: bool) -> u32 {
        let wanted = self.exercises.iter().filter(|it| it.optional == optional);
        wanted.map(|exercise| exercise.minutes).sum()
    }
}

fn place(
    root: &Path,
    folder: &str,
    chapter: &str,
    number: String,
    entry: ExerciseEntry,
) -> Exercise {
    let exercises = root.join("exercises").join(folder);
    let solutions = root.join("solutions").join(folder);
    let slug = entry.slug;
    let rust = format!("{slug}.rs");
    Exercise {
        shown: slug.replace('_', "-"),
        id: format!("{chapter}/{}", slug.replace('_', "-")),
        number,
        title: entry.title,
        kind: entry.kind,
        minutes: entry.minutes,
        page: entry.page,
        optional: entry.optional,
        model: entry.model,
        after: entry.after,
        chapter: folder.to_owned(),
        source: exercises.join("src").join(&rust),
        check: exercises.join("checks").join(&rust),
        about: exercises.join("about").join(format!("{slug}.md")),
        answer: entry
            .answer
            .map_or_else(|| solutions.join("src").join(&rust), |path| root.join(path)),
        mistakes: solutions.join("mistakes").join(&slug),
        others: solutions.join("others").join(&slug),
        slug,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exercise(chapter: &str, slug: &str) -> Exercise {
        let entry = ExerciseEntry {
            slug: slug.to_owned(),
            title: String::new(),
            kind: Kind::Build,
            minutes: 1,
            page: String::new(),
            answer: None,
            optional: false,
            model: false,
            after: None,
        };
        place(Path::new(""), "01-folder", chapter, String::new(), entry)
    }

    #[test]
    fn the_order_of_the_pages_has_each_exercise_once() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let course = Course::around(here).expect("this is a part of the course");
        let ids = |exercises: Vec<&Exercise>| -> std::collections::BTreeSet<String> {
            exercises.iter().map(|it| it.id.clone()).collect()
        };
        assert_eq!(course.as_asked().count(), course.exercises().count());
        assert_eq!(
            ids(course.as_asked().collect()),
            ids(course.exercises().collect())
        );
    }

    #[test]
    fn a_name_that_two_chapters_have_is_shown_with_the_chapter() {
        let mut exercises = [
            exercise("reactor", "drain"),
            exercise("reactor", "write_all"),
            exercise("echo-server", "drain"),
        ];
        tell_apart(exercises.iter_mut());
        let names = exercises.each_ref().map(|exercise| exercise.name());
        assert_eq!(names, ["reactor/drain", "write-all", "echo-server/drain"]);
    }
}
