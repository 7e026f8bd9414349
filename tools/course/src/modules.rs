//! The lists of modules in the crates of exercises and answers: one module an exercise, and one for the check that judges it.

use std::path::PathBuf;

use crate::course::{Chapter, Course};
use crate::files;

/// What stands between the lines that people write and the lists.
pub const MARK: &str =
    "// Generated from chapter.toml: `cargo learn verify --write` writes what follows.";

/// Which of a chapter's two crates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The crate that learners write in.
    Exercises,
    /// The crate of the answers.
    Solutions,
}

impl Side {
    /// Both crates of a chapter.
    pub const BOTH: [Side; 2] = [Side::Exercises, Side::Solutions];

    /// The crate's `lib.rs`.
    #[must_use]
    pub fn library(self, course: &Course, chapter: &Chapter) -> PathBuf {
        let parent = match self {
            Side::Exercises => "exercises",
            Side::Solutions => "solutions",
        };
        course
            .root
            .join(parent)
            .join(&chapter.folder)
            .join("src/lib.rs")
    }
}

/// What `lib.rs` should be: its own lines down to [`MARK`], and the lists. `None` if it has no such line.
#[must_use]
pub fn derive(course: &Course, chapter: &Chapter, side: Side, library: &str) -> Option<String> {
    let library = files::normalise(library);
    let at = library.find(MARK)?;
    Some(format!(
        "{}{MARK}\n\n{}",
        &library[..at],
        lists(course, chapter, side)
    ))
}

fn lists(course: &Course, chapter: &Chapter, side: Side) -> String {
    let mut slugs: Vec<_> = chapter.exercises.iter().collect();
    slugs.sort_by(|one, other| one.slug.cmp(&other.slug));
    let mut lists = String::new();
    for exercise in slugs {
        let slug = &exercise.slug;
        let usual = format!("solutions/{}/src/{slug}.rs", chapter.folder);
        let answer = course.shown(&exercise.answer);
        if side == Side::Solutions && answer != usual {
            lists.push_str(&format!("#[path = \"../../../{answer}\"]\n"));
        }
        lists.push_str(&format!("pub mod {slug};\n"));
    }
    let checks = match side {
        Side::Exercises => "../checks".to_owned(),
        Side::Solutions => format!("../../../exercises/{}/checks", chapter.folder),
    };
    for exercise in &chapter.exercises {
        let slug = &exercise.slug;
        lists.push_str(&format!(
            "\n#[cfg(test)]\n#[path = \"{checks}\"]\nmod {slug}_check {{\n    use crate::{slug} as subject;\n    mod {slug};\n}}\n"
        ));
    }
    lists
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_lines_above_the_mark_stay_and_the_lists_follow_the_chapter() {
        let text = r#"
            title = "Generators"
            part = "I Values that pause"
            page = "index.md"
            [[exercise]]
            slug = "walk"
            title = "Walk"
            kind = "build"
            minutes = 1
            page = "index.md"
            answer = "chapters/01-generators/src/walk.rs"
        "#;
        let chapter = Chapter::parse(Path::new("/course"), "01-generators", text).unwrap();
        let course = Course::new("/course".into(), PathBuf::new(), Vec::new());
        let library = format!("//! Answers.\n\n{MARK}\n\npub mod gone;\n");
        assert_eq!(
            derive(&course, &chapter, Side::Solutions, &library).unwrap(),
            format!(
                "//! Answers.\n\n{MARK}\n\n#[path = \"../../../chapters/01-generators/src/walk.rs\"]\npub mod walk;\n\n\
                 #[cfg(test)]\n#[path = \"../../../exercises/01-generators/checks\"]\nmod walk_check {{\n    \
                 use crate::walk as subject;\n    mod walk;\n}}\n"
            )
        );
        assert_eq!(
            derive(&course, &chapter, Side::Exercises, "pub mod walk;\n"),
            None
        );
    }
}
