//! Which parts a failed test is likely to be about.

use std::cmp::Reverse;
use std::fs;
use std::path::Path;

use crate::mine::assembly::Assembly;
use crate::mine::failure::{Failure, Test};
use crate::mine::parts::Part;
use course::files::with_ending;

/// How much speaks against a part, from nothing to everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Evidence {
    /// The test's message names the part's file: mostly a panic there.
    Named,
    /// The test, or the program that it runs, uses what the part defines.
    Used,
    /// Nothing but that the chapter rests on it.
    None,
}

/// The parts that a test can depend on, the likeliest first: those that its message names, those that its source uses, and then
/// from its own chapter backwards.
pub(super) fn likeliest_first<'a>(
    assembly: &Assembly,
    failure: &Failure,
    yours: &[&'a Part<'a>],
) -> Vec<&'a Part<'a>> {
    let mut chapters = assembly.chapters.iter();
    let chapter = chapters.find(|chapter| chapter.folder == failure.test.chapter);
    let rests_on = |part: &&&Part<'_>| {
        chapter.is_none_or(|chapter| chapter.rests_on.contains(&part.exercise.chapter))
    };
    let source = source_of(
        &assembly.folder.join("chapters").join(&failure.test.chapter),
        &failure.test,
    );
    let mut suspects: Vec<&Part<'_>> = yours.iter().filter(rests_on).copied().collect();
    suspects.sort_by_key(|part| {
        let chapter = Reverse(part.exercise.chapter.clone());
        (evidence(failure, &source, part), chapter)
    });
    suspects
}

fn evidence(failure: &Failure, source: &str, part: &Part<'_>) -> Evidence {
    let place = part.place.display().to_string().replace('\\', "/");
    let mut message = failure.message.iter();
    if message.any(|line| line.replace('\\', "/").contains(&place)) {
        Evidence::Named
    } else if uses(source, &part.exercise.slug) {
        Evidence::Used
    } else {
        Evidence::None
    }
}

/// Whether a source has the module's name, `ready_queue`, or its type's, `ReadyQueue`, as a word.
fn uses(source: &str, slug: &str) -> bool {
    let words = || source.split(|char: char| !char.is_alphanumeric() && char != '_');
    let of_type: String = slug.split('_').map(capitalised).collect();
    words().any(|word| word == slug || word == of_type)
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// The lines of a test, and the programs of the chapter that they name.
fn source_of(chapter: &Path, test: &Test) -> String {
    let (_, function) = test
        .function
        .rsplit_once("::")
        .unwrap_or(("", &test.function));
    let mut source = String::new();
    let tests = chapter.join("tests");
    let below = fs::read_dir(&tests).into_iter().flatten().flatten();
    let folders = below.map(|entry| entry.path());
    for folder in folders.chain([tests.clone(), chapter.join("src")]) {
        for file in with_ending(&folder, "rs") {
            let text = fs::read_to_string(file).unwrap_or_default();
            source.extend(lines_of(&text, function));
        }
    }
    for program in with_ending(&chapter.join("src/bin"), "rs") {
        let name = program.file_stem().unwrap_or_default().to_string_lossy();
        if source.contains(&format!("\"{name}\"")) {
            source.push_str(&fs::read_to_string(&program).unwrap_or_default());
        }
    }
    source
}

/// From the line that names the function to the end of its item: the first line after it that is no deeper and no empty one, or
/// the line itself, in a list of a macro's.
fn lines_of(text: &str, function: &str) -> Option<String> {
    let names = |line: &str| {
        let line = line.trim_start();
        line.strip_prefix("fn ")
            .unwrap_or(line)
            .strip_prefix(function)
            .is_some_and(|rest| rest.starts_with(['(', ':']))
    };
    let mut lines = text.lines().skip_while(|line| !names(line));
    let first = lines.next()?;
    let depth = first.len() - first.trim_start().len();
    let body = lines
        .take_while(|line| line.trim().is_empty() || line.len() - line.trim_start().len() > depth);
    let body: Vec<&str> = body.collect();
    Some(format!("{first}\n{}\n", body.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_ends_where_the_next_item_begins() {
        let text = "fn a() {\n    one();\n\n    two();\n}\n\nfn b() {\n    three();\n}\n";
        assert_eq!(
            lines_of(text, "a").unwrap(),
            "fn a() {\n    one();\n\n    two();\n"
        );
        assert_eq!(lines_of(text, "c"), None);
    }

    #[test]
    fn a_line_of_a_macros_list_stands_alone() {
        let text = "programs! {\n    one: \"ch01-1\",\n    two: \"ch01-2\",\n}\n";
        assert_eq!(lines_of(text, "one").unwrap(), "    one: \"ch01-1\",\n\n");
    }

    #[test]
    fn a_source_uses_a_part_by_its_module_or_its_type_and_not_by_a_piece_of_a_word() {
        assert!(uses("use event_loop::ready_queue;", "ready_queue"));
        assert!(uses("let q = ReadyQueue::new();", "ready_queue"));
        assert!(!uses("let joined = 1; join_all(x)", "join"));
    }

    #[test]
    fn a_program_that_a_test_runs_belongs_to_the_tests_source() {
        let chapter = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = chapter.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("tests/programs.rs", "p! {\n    it_prints: \"ch04-4\",\n}\n");
        write("src/bin/ch04-4.rs", "use event_loop::Timers;\n");
        write("src/bin/ch04-5.rs", "use event_loop::Turn;\n");
        let test = Test {
            chapter: "04".to_owned(),
            file: "main".to_owned(),
            function: "programs::it_prints".to_owned(),
        };
        let source = source_of(chapter.path(), &test);
        assert!(
            uses(&source, "timers") && !uses(&source, "turn"),
            "{source}"
        );
    }
}
