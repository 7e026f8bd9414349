//! Which tests of a check a known mistake needs.
//!
//! The first test that fails decides, so no test behind it runs for that mistake, and compiling those would be a third of all the
//! compiler's work. A check names the codes of the mistakes that it knows: [`Names`] finds the last test that can come to a code. If
//! the mistake passes all tests up to that one, it is tried again with the whole check, so a wrong guess costs time and no verdict.

use std::collections::BTreeSet;

/// The words that each test, function and constant of a check uses.
#[derive(Debug)]
pub(crate) struct Names {
    items: Vec<Item>,
}

#[derive(Debug)]
struct Item {
    owner: Owner,
    /// Names, and what stands between quotation marks, with these.
    words: BTreeSet<String>,
}

/// What a line belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Owner {
    /// The test with this number, from 0.
    Test(usize),
    /// A function, a constant or a macro of this name.
    Function(String),
    /// What stands before the first of them.
    Head,
}

impl Names {
    /// Of a check and its modules, in the order of the tests.
    pub(crate) fn of(check: &str, modules: &[String]) -> Names {
        let mut items = Vec::new();
        let mut tests = 0;
        for text in std::iter::once(check).chain(modules.iter().map(String::as_str)) {
            let mut owner = Owner::Head;
            let mut before = None;
            for line in text.lines() {
                if line == "#[test]" {
                    before = Some(owner);
                    owner = Owner::Test(tests);
                    tests += 1;
                } else if before.is_none()
                    && let Some(name) = function(line)
                {
                    owner = Owner::Function(name.to_owned());
                }
                add(&mut items, &owner, line);
                if line == "}"
                    && let Some(outside) = before.take()
                {
                    owner = outside;
                }
            }
        }
        Names { items }
    }

    /// The number of tests up to the last one that can name `code`, itself or by what it calls. `None` if that cannot be said.
    pub(crate) fn tests_for(&self, code: &str) -> Option<usize> {
        let mut wanted = vec![format!("\"{code}\"")];
        let mut last = None;
        let mut next = 0;
        while next < wanted.len() {
            let word = wanted[next].clone();
            next += 1;
            for item in self.items.iter().filter(|item| item.words.contains(&word)) {
                match &item.owner {
                    Owner::Test(number) => last = last.max(Some(*number)),
                    Owner::Function(name) if wanted.contains(name) => {}
                    Owner::Function(name) => wanted.push(name.clone()),
                    // An import names what is used elsewhere.
                    Owner::Head => {}
                }
            }
        }
        last.map(|number| number + 1)
    }
}

fn add(items: &mut Vec<Item>, owner: &Owner, line: &str) {
    if items.last().is_none_or(|item| item.owner != *owner) {
        items.push(Item {
            owner: owner.clone(),
            words: BTreeSet::new(),
        });
    }
    let Some(item) = items.last_mut() else {
        return;
    };
    let is_name = |char: char| char.is_alphanumeric() || char == '_';
    let names = line.split(|char| !is_name(char));
    let names = names.filter(|name| !name.is_empty()).map(str::to_owned);
    item.words.extend(names);
    let quoted = line.split('"').map(|text| format!("\"{text}\""));
    item.words.extend(quoted);
}

/// The name of the function, constant or macro that a line begins.
fn function(line: &str) -> Option<&str> {
    let mut words = line
        .split_whitespace()
        .skip_while(|word| word.starts_with("pub") || ["async", "unsafe", "extern"].contains(word));
    let mut name = match words.next()? {
        "fn" | "const" | "static" | "macro_rules!" => words.next()?,
        _ => return None,
    };
    if name == "fn" {
        name = words.next()?;
    }
    let end = name.find(|char: char| !char.is_alphanumeric() && char != '_');
    let name = &name[..end.unwrap_or(name.len())];
    (!name.is_empty()).then_some(name)
}

/// A file of a check with as many of its first tests as `left` says; the others are switched off. Takes them from `left`.
pub(crate) fn shortened(text: &str, left: &mut usize) -> String {
    let lines = text.lines().map(|line| {
        if line != "#[test]" {
            return format!("{line}\n");
        }
        let Some(fewer) = left.checked_sub(1) else {
            return "#[cfg(any())]\n".to_owned();
        };
        *left = fewer;
        format!("{line}\n")
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECK: &str = "\
mod world;
use world::expect;

const FIRST: &str = \"too-early\";

#[test]
fn a() {
    expect(FIRST);
}

#[test]
fn b() {
    run.diagnose(\"busy-poll\", \"It polls \\\"busily\\\".\");
}

#[test]
fn c() {
    world::waits();
}

#[test]
fn d() {
    expect(\"nothing\");
}
";

    #[test]
    fn a_code_is_looked_for_in_tests_and_in_what_they_call() {
        let world = "pub(super) fn waits() {\n    fail(\"lost-wake\")\n}\n".to_owned();
        let names = Names::of(CHECK, &[world]);
        assert_eq!(names.tests_for("too-early"), Some(1));
        assert_eq!(names.tests_for("busy-poll"), Some(2));
        assert_eq!(names.tests_for("lost-wake"), Some(3));
        assert_eq!(names.tests_for("elsewhere"), None);
    }

    #[test]
    fn a_shortened_check_has_its_first_tests_and_everything_else() {
        let mut left = 2;
        let short = shortened(CHECK, &mut left);
        assert_eq!(left, 0);
        assert_eq!(short.matches("#[test]").count(), 2);
        assert_eq!(short.matches("#[cfg(any())]").count(), 2);
        assert_eq!(short.lines().count(), CHECK.lines().count());
        let mut left = 5;
        assert_eq!(shortened(CHECK, &mut left), CHECK);
        assert_eq!(left, 1, "for the check's modules");
    }
}
