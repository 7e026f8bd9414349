//! The mistakes that have a name: the wrong programs that an exercise keeps, and the pages that explain them.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::course::{Course, Exercise};
use crate::edit::Edit;
use crate::files::{self, with_ending};
use crate::id::closest;

/// The ending of a mistake that is kept as an edit of the answer.
pub const EDIT: &str = "edit";
/// The ending of one that is kept as a whole program.
pub const WHOLE: &str = "rs";
/// A wrong program that the check of an exercise must refuse under its own name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// What the check says: `off-by-one`.
    pub code: String,
    /// What its file is called, without the ending: `off-by-one`, or `off-by-one.2` for another program that makes it.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
}

/// The known mistakes of an exercise, sorted by name.
#[must_use]
pub fn of(exercise: &Exercise) -> Vec<Mistake> {
    let mut files = with_ending(&exercise.mistakes, EDIT);
    files.extend(with_ending(&exercise.mistakes, WHOLE));
    let mut mistakes: Vec<Mistake> = files.into_iter().map(Mistake::at).collect();
    mistakes.sort_by(|one, other| one.name.cmp(&other.name));
    mistakes
}

/// The known mistake of an exercise that is called so: `off-by-one` or `off-by-one.2`.
///
/// # Errors
///
/// One sentence if there is none, with the closest.
pub fn find(exercise: &Exercise, name: &str) -> Result<Mistake> {
    let all = of(exercise);
    if let Some(found) = all.iter().find(|mistake| mistake.name == name) {
        return Ok(found.clone());
    }
    let id = &exercise.id;
    match closest(name, all.iter().map(|mistake| mistake.name.as_str())) {
        Some(guess) => {
            bail!("{id} has no known mistake `{name}`. Did you mean `{guess}`?")
        }
        None => {
            let names: Vec<&str> = all.iter().map(|mistake| mistake.name.as_str()).collect();
            bail!(
                "{id} has no known mistake `{name}`. It has: {}.",
                names.join(", ")
            )
        }
    }
}

impl Mistake {
    fn at(file: PathBuf) -> Mistake {
        Mistake {
            code: code_of(&file),
            name: file
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            file,
        }
    }

    /// The edit that it is kept as; `None` for a whole program.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is not written as an edit.
    pub fn edit(&self) -> Result<Option<Edit>> {
        if self.file.extension().is_none_or(|ending| ending != EDIT) {
            return Ok(None);
        }
        let text = files::read_text(&self.file)?;
        Ok(Some(Edit::parse(&text)?))
    }

    /// The wrong program: of an edit, what it makes of the answer.
    ///
    /// # Errors
    ///
    /// What is wrong with the edit, with the block that does not fit the answer, or with one of the files.
    pub fn program(&self, exercise: &Exercise) -> Result<String> {
        match self.edit()? {
            Some(edit) => Ok(edit.apply(&files::read_text(&exercise.answer)?)?),
            None => files::read_text(&self.file),
        }
    }

    /// A file with the wrong program, to build and run: its own, or one that is written for an edit.
    ///
    /// # Errors
    ///
    /// As [`Mistake::program`], or if the file cannot be written.
    pub fn written(&self, course: &Course, exercise: &Exercise) -> Result<PathBuf> {
        let Some(edit) = self.edit()? else {
            return Ok(self.file.clone());
        };
        let program = edit.apply(&files::read_text(&exercise.answer)?)?;
        let path = place(course, "materialized", exercise, &self.name);
        files::write_if_changed(&path, &program)?;
        Ok(path)
    }

    /// The run that is kept beside it for a page that draws it; the file need not exist.
    #[must_use]
    pub fn run(&self) -> PathBuf {
        self.file.with_extension("run")
    }
}

/// The file of a known mistake in a folder of the build folder, `materialized` or one of the caller's.
#[must_use]
pub fn place(course: &Course, folder: &str, exercise: &Exercise, name: &str) -> PathBuf {
    let folder = course.target.join(folder).join(&exercise.chapter);
    folder.join(&exercise.slug).join(format!("{name}.rs"))
}

/// The folder of the pages.
#[must_use]
pub fn folder(course: &Course) -> PathBuf {
    course.root.join("book").join("pages").join("mistakes")
}

/// The page that explains a code.
#[must_use]
pub fn page(course: &Course, code: &str) -> PathBuf {
    folder(course).join(format!("{code}.md"))
}

/// All pages, sorted, without the folder's index.
#[must_use]
pub fn pages(course: &Course) -> Vec<PathBuf> {
    let mut pages = with_ending(&folder(course), "md");
    pages.retain(|page| code_of(page) != "index");
    pages
}

/// The code that a file is about: `off-by-one` for `off-by-one.md` and for `off-by-one.2.edit`.
#[must_use]
pub fn code_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.split('.').next().unwrap_or_default().to_owned()
}
