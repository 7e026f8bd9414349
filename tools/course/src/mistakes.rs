//! The mistakes that have a name, and the pages that explain them.

use std::path::{Path, PathBuf};

use crate::course::Course;
use crate::files::with_ending;

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

/// The code that a file is about: `off-by-one` for `off-by-one.md` and for `off-by-one.2.rs`.
#[must_use]
pub fn code_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.split('.').next().unwrap_or_default().to_owned()
}
