//! The trees that are walked.

use super::super::subject::{Entry, Walk};
use generators::{Generator, Step};
use probe::random::Random;
use probe::{Run, panics};

/// Sent first, when nothing has been named: it must count nowhere.
pub(super) const NOT_A_SIZE: u64 = 5_000_000;

/// A tree of this many entries, each below one that is there already, drawn at random.
pub(super) fn grown(entries: usize, random: &mut Random) -> Entry {
    const NAMES: [&str; 5] = ["a", "b", "c", "", "a"];
    let mut tree = entry("home", []);
    for number in 1..entries {
        let mut place = &mut tree;
        while !place.children.is_empty() && random.below(3) > 0 {
            let child = random.below(place.children.len());
            place = &mut place.children[child];
        }
        place.children.push(entry(NAMES[number % NAMES.len()], []));
    }
    tree
}

/// Walks a tree, answers each name with a size, and holds names and total against a plain recursion. Only what is wrong is recorded.
#[track_caller]
pub(super) fn compare_walk(run: &Run, tree: &Entry, size: impl Fn(usize) -> u64) {
    let names = names_of(tree);
    let mut walk = Walk::new(tree);
    let mut answer = NOT_A_SIZE;
    let mut total = 0;
    for number in 0..=names.len() {
        let expected = match names.get(number) {
            Some(name) => format!("yields {name:?}"),
            None => format!("completes with {total}"),
        };
        let step = panics::expected(|| walk.resume(answer));
        let again = |named: &str| matches!(step, Ok(Step::Yielded(name)) if name == named);
        let completed = match step {
            Ok(Step::Complete(total)) => Some(total),
            _ => None,
        };
        let seen = match &step {
            Ok(Step::Yielded(name)) => format!("yields {name:?}"),
            Ok(Step::Complete(total)) => format!("completes with {total}"),
            Err(_) => "panics".to_owned(),
        };
        if seen != expected {
            let call = run.recorder().enters("walk", format!("resume({answer})"));
            call.returns(format!("{seen}    expected: {expected}"));
            let seen = format!(
                "In a tree of {} entries, {number} of them named so far, your walk {seen}; expected: it {expected}.",
                names.len()
            );
            if answer == 0 && number > 0 && has_children(tree, number - 1) {
                run.diagnose(
                    "zero-taken-for-empty",
                    format!("{seen} The size of the last entry is 0, and the entry has children."),
                );
            }
            if answer == 0 && number > 0 && again(names[number - 1]) {
                run.diagnose(
                    "zero-taken-for-empty",
                    format!(
                        "{seen} The size of the last entry is 0, and the entry was named again."
                    ),
                );
            }
            if completed == Some(total & u64::from(u32::MAX)) && number == names.len() {
                run.diagnose(
                    "number-cut-short",
                    format!("{seen} That is what is left of the total in 32 bits."),
                );
            }
            if names.get(number) == Some(&"") {
                run.diagnose(
                    "empty-part-forgotten",
                    format!("{seen} The name of that entry is empty. An entry without a name is an entry."),
                );
            }
            if names.len() > 500 && number < names.len() {
                run.diagnose(
                    "fixed-capacity",
                    format!("{seen} Small trees of the same shape were walked to their ends."),
                );
            }
            run.departs(seen);
        }
        answer = size(number);
        total += if number < names.len() { answer } else { 0 };
    }
}

fn names_of(tree: &Entry) -> Vec<&'static str> {
    let mut names = vec![tree.name];
    names.extend(tree.children.iter().flat_map(names_of));
    names
}

/// Whether the entry that is named after `number` others has children.
fn has_children(tree: &Entry, mut number: usize) -> bool {
    let mut waiting = vec![tree];
    while let Some(entry) = waiting.pop() {
        if number == 0 {
            return !entry.children.is_empty();
        }
        number -= 1;
        waiting.extend(entry.children.iter().rev());
    }
    false
}

pub(super) fn counted(names: usize) -> String {
    match names {
        1 => "1 name".to_owned(),
        names => format!("{names} names"),
    }
}

/// The sizes of [`tree`]: a digit of the total for each entry, so that it tells which were counted.
pub(super) const SIZES: [(&str, u64); 6] = [
    ("home", 1),
    ("docs", 10),
    ("a.txt", 100),
    ("b.txt", 1_000),
    ("c.txt", 10_000),
    ("music", 100_000),
];

pub(super) fn tree() -> Entry {
    entry(
        "home",
        [
            entry(
                "docs",
                [entry("a.txt", []), entry("b.txt", []), entry("c.txt", [])],
            ),
            entry("music", []),
        ],
    )
}

pub(super) fn entry<const N: usize>(name: &'static str, children: [Entry; N]) -> Entry {
    Entry {
        name,
        children: children.into(),
    }
}
