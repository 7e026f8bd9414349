//! What is wrong with the book, one line each.

use std::path::Path;

/// The findings so far, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<String>);

impl Findings {
    /// Adds what is wrong in a place, a path below the repository.
    pub(crate) fn add(&mut self, place: &Path, line: Option<usize>, what: &str) {
        // Paths are said with forward slashes on every system, as they are in the pages.
        let place = place.display().to_string().replace('\\', "/");
        self.0.push(match line {
            Some(line) => format!("{place}:{line}: {what}"),
            None => format!("{place}: {what}"),
        });
    }

    /// Adds findings that have no place of their own.
    pub(crate) fn extend(&mut self, lines: Vec<String>) {
        self.0.extend(lines);
    }

    /// All of them, for tests.
    #[cfg(test)]
    pub(crate) fn lines(&self) -> &[String] {
        &self.0
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Prints each finding on a line of standard error.
    pub(crate) fn print(&self) {
        for finding in &self.0 {
            eprintln!("{finding}");
        }
    }
}
