//! The exercises, as `exercises/*/chapter.toml` lists them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

/// The chapters that are written, in order.
#[derive(Debug, Default)]
pub(crate) struct Course {
    pub(crate) chapters: Vec<Chapter>,
}

/// A chapter that has exercises.
#[derive(Debug)]
pub(crate) struct Chapter {
    /// The folder's name: `01-generators`.
    pub(crate) folder: String,
    /// The folder's number: 1.
    pub(crate) number: usize,
    pub(crate) title: String,
    /// The title of the part that it belongs to, as in the summary.
    pub(crate) part: String,
    /// The chapter's first page, relative to `book/pages`.
    pub(crate) page: PathBuf,
    pub(crate) sections: Vec<Section>,
    pub(crate) exercises: Vec<Exercise>,
}

/// One page of a chapter after its first.
#[derive(Debug, Deserialize)]
pub(crate) struct Section {
    /// Relative to `book/pages`.
    pub(crate) page: PathBuf,
    /// What it answers.
    pub(crate) question: String,
    /// How many minutes it takes to read.
    pub(crate) reading: u32,
}

/// One exercise.
#[derive(Debug, Deserialize)]
pub(crate) struct Exercise {
    /// In snake case, as its files are called.
    pub(crate) slug: String,
    pub(crate) title: String,
    pub(crate) kind: String,
    pub(crate) minutes: u32,
    /// The page to read first, relative to `book/pages`.
    pub(crate) page: PathBuf,
    /// The file with the answer, relative to the repository, where it is not the one that the slug says.
    answer: Option<PathBuf>,
    #[serde(default)]
    pub(crate) optional: bool,
}

/// An exercise with its place in the course.
#[derive(Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) chapter: &'a Chapter,
    pub(crate) exercise: &'a Exercise,
    /// Its position in the chapter, from 1.
    position: usize,
}

#[derive(Deserialize)]
struct File {
    title: String,
    part: String,
    page: PathBuf,
    #[serde(default)]
    section: Vec<Section>,
    #[serde(default)]
    exercise: Vec<Exercise>,
}

impl Course {
    /// Reads every chapter below `root/exercises`.
    pub(crate) fn read(root: &Path) -> anyhow::Result<Course> {
        let mut chapters = Vec::new();
        for folder in folders(&root.join("exercises"))? {
            let path = folder.join("chapter.toml");
            let text =
                fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            let file: File =
                toml::from_str(&text).with_context(|| format!("in {}", path.display()))?;
            chapters.push(Chapter::new(&folder, file)?);
        }
        Ok(Course { chapters })
    }

    /// The exercise that is called so: `running-average` or `generators/running-average`.
    pub(crate) fn find(&self, id: &str) -> Option<Found<'_>> {
        let mut all = self.chapters.iter().flat_map(Chapter::found);
        all.find(|found| found.id() == id || found.dashed() == id)
    }

    /// What a learner types to mean this exercise: `running-average`, or `reactor/drain` where other chapters have one of that
    /// name.
    pub(crate) fn name(&self, exercise: Found<'_>) -> String {
        let all = self.chapters.iter().flat_map(Chapter::found);
        match all.filter(|one| one.dashed() == exercise.dashed()).count() {
            0 | 1 => exercise.dashed(),
            _ => exercise.id(),
        }
    }
}

impl Chapter {
    fn new(folder: &Path, file: File) -> anyhow::Result<Chapter> {
        let folder = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let number = folder
            .split('-')
            .next()
            .and_then(|digits| digits.parse().ok());
        Ok(Chapter {
            number: number
                .with_context(|| format!("exercises/{folder} does not begin with a number"))?,
            folder,
            title: file.title,
            part: file.part,
            page: file.page,
            sections: file.section,
            exercises: file.exercise,
        })
    }

    /// Its exercises, with their places.
    pub(crate) fn found(&self) -> impl Iterator<Item = Found<'_>> {
        let numbered = self.exercises.iter().enumerate();
        numbered.map(move |(index, exercise)| Found {
            chapter: self,
            exercise,
            position: index + 1,
        })
    }

    /// The minutes of the exercises that are required, or of those that are not.
    pub(crate) fn minutes(&self, optional: bool) -> u32 {
        let wanted = self.exercises.iter().filter(|it| it.optional == optional);
        wanted.map(|exercise| exercise.minutes).sum()
    }
}

impl Found<'_> {
    /// `1.3`
    pub(crate) fn number(&self) -> String {
        format!("{}.{}", self.chapter.number, self.position)
    }

    /// `running-average`
    pub(crate) fn dashed(&self) -> String {
        self.exercise.slug.replace('_', "-")
    }

    /// The file that the learner opens, relative to the repository.
    pub(crate) fn file(&self) -> String {
        let (folder, slug) = (&self.chapter.folder, &self.exercise.slug);
        format!("exercises/{folder}/src/{slug}.rs")
    }

    /// The file with the answer, relative to the repository.
    pub(crate) fn answer(&self) -> PathBuf {
        let (folder, slug) = (&self.chapter.folder, &self.exercise.slug);
        let usual = || PathBuf::from(format!("solutions/{folder}/src/{slug}.rs"));
        self.exercise.answer.clone().unwrap_or_else(usual)
    }

    /// `generators/running-average`
    fn id(&self) -> String {
        let chapter = self.chapter.folder.split_once('-');
        let chapter = chapter.map_or(self.chapter.folder.as_str(), |(_, name)| name);
        format!("{chapter}/{}", self.dashed())
    }
}

/// The folders inside a folder, in order; none if it is not there.
pub(crate) fn folders(inside: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !inside.exists() {
        return Ok(Vec::new());
    }
    let mut folders = Vec::new();
    for entry in fs::read_dir(inside).with_context(|| format!("reading {}", inside.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

#[cfg(test)]
pub(crate) fn sample() -> Course {
    let file = toml::from_str(
        r#"
        title = "Generators"
        part = "I Values that pause"
        page = "01-generators/index.md"
        [[section]]
        page = "01-generators/an-iterator.md"
        question = "What is remembered?"
        reading = 6
        [[section]]
        page = "01-generators/sending.md"
        question = "How does a value get in?"
        reading = 8
        [[exercise]]
        slug = "countdown"
        title = "An iterator by hand"
        kind = "build"
        minutes = 10
        page = "01-generators/an-iterator.md"
        [[exercise]]
        slug = "running_average"
        title = "Values sent in"
        kind = "build"
        minutes = 20
        page = "01-generators/sending.md"
        optional = true
        "#,
    );
    let chapter = Chapter::new(Path::new("exercises/01-generators"), file.unwrap()).unwrap();
    Course {
        chapters: vec![chapter],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exercise_is_found_by_either_of_its_names() {
        let course = sample();
        for id in ["running-average", "generators/running-average"] {
            assert_eq!(course.find(id).unwrap().number(), "1.2");
        }
        assert!(course.find("running_average").is_none());
    }

    #[test]
    fn a_name_that_two_chapters_have_is_said_with_the_chapter() {
        let mut course = sample();
        assert_eq!(course.name(course.find("countdown").unwrap()), "countdown");
        course.chapters.extend(sample().chapters);
        course.chapters[1].folder = "02-state-machines".to_owned();
        let names = ["generators/countdown", "state-machines/countdown"];
        for id in names {
            assert_eq!(course.name(course.find(id).unwrap()), id);
        }
    }

    #[test]
    fn optional_minutes_are_counted_apart() {
        let chapter = &sample().chapters[0];
        assert_eq!((chapter.minutes(false), chapter.minutes(true)), (10, 20));
    }
}
