//! What is missing or wrong.

use std::path::Path;

use course::course::Course;

/// What is missing or wrong, one line each.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    lines: Vec<String>,
}

impl Findings {
    /// Something is wrong with a file: what, and what to do.
    pub(crate) fn add(&mut self, course: &Course, file: &Path, what: impl AsRef<str>) {
        self.add_line(format!("{}: {}", course.shown(file), what.as_ref()));
    }

    /// Something is wrong, and the line says where.
    pub(crate) fn add_line(&mut self, line: String) {
        self.lines.push(line);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    pub(crate) fn print(&self) {
        for line in &self.lines {
            println!("{line}");
        }
    }

    /// As the closing line says it.
    pub(crate) fn count(&self) -> String {
        match self.len() {
            0 => "nothing is missing.".to_owned(),
            1 => "1 thing to do.".to_owned(),
            many => format!("{many} things to do."),
        }
    }
}
