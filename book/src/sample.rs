//! A small course for the tests.

use std::path::{Path, PathBuf};

use course::course::{Chapter, Course};

/// One chapter, two exercises.
pub(crate) fn course() -> Course {
    let chapter = Chapter::parse(
        Path::new(""),
        "01-generators",
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
    Course::new(PathBuf::new(), PathBuf::new(), vec![chapter.unwrap()])
}
