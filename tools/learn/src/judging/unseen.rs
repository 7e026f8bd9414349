//! What the model of a check cannot see: locks, atomics and threads of the standard library.
//!
//! A check with `model = true` tries the learner's code under many interleavings, and decides at each lock and each park which thread goes
//! on. It can do so only for the locks and threads that it provides, as `crate::sync`. One of the standard library's would pass by
//! accident, or stall the model; so it gets a sentence of its own, before anything is compiled.

use crate::judging::tokens::{Path, Token, paths, tokens};

/// A place in a source that reaches past `crate::sync`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    /// The line, from 1.
    pub line: usize,
    /// What is used there: `std::sync::Mutex`.
    pub path: String,
    /// What to use in its place: `crate::sync::Mutex`.
    pub instead: String,
}

impl Unseen {
    /// What to tell the learner.
    #[must_use]
    pub fn sentence(&self) -> String {
        if self.sleeps_for_a_time() {
            return format!(
                "Line {} uses `{}`, which sleeps for a time. Code that waits for a wake sleeps until the wake comes, and a poll does \
                 not sleep at all. Time does not pass in this check, which tries your code under many interleavings of its threads.",
                self.line, self.path
            );
        }
        if self.path == "thread_local!" {
            return format!(
                "Line {} uses `thread_local!`, which without more is the standard library's, and this check cannot follow that one. \
                 Import the other by its name: `use {};`. A `*` does not bring it in.",
                self.line, self.instead
            );
        }
        format!(
            "Line {} uses `{}`, which this check cannot follow: it tries your code under many interleavings of its threads, and has \
             locks and threads of its own for that. Use `{}` instead; it has the same names. (`std::sync::Arc` may stay.)",
            self.line, self.path, self.instead
        )
    }
}

impl Unseen {
    /// Whether no other module would make it better.
    fn sleeps_for_a_time(&self) -> bool {
        SLEEPS.iter().any(|name| self.path.ends_with(name))
    }
}

/// The ways to sleep for a time.
const SLEEPS: [&str; 5] = [
    "thread::sleep",
    "thread::sleep_ms",
    "thread::sleep_until",
    "thread::park_timeout",
    "thread::park_timeout_ms",
];

/// The first use of something that the model cannot see, if there is one.
#[must_use]
pub fn first_in(source: &str) -> Option<Unseen> {
    let tokens = tokens(source);
    let paths = paths(&tokens, &["std", "core", "crate"]);
    let own_locals = paths.iter().any(|path| path.is_own_thread_local());
    let reached = paths.iter().find_map(Path::unseen);
    let local = (!own_locals).then(|| thread_local(&tokens)).flatten();
    let sleeps = paths
        .iter()
        .find_map(|path| path.unseen().filter(Unseen::sleeps_for_a_time))
        .or_else(|| {
            reached
                .as_ref()
                .and_then(|_| imported_sleep(&tokens, &paths))
        });
    sleeps.or_else(|| {
        [reached, local]
            .into_iter()
            .flatten()
            .min_by_key(|unseen| unseen.line)
    })
}

/// Names below `std::sync` that are the same thing in the model.
const SAME: [&str; 6] = [
    "Arc",
    "Weak",
    "PoisonError",
    "LockResult",
    "TryLockError",
    "TryLockResult",
];

impl Path {
    fn unseen(&self) -> Option<Unseen> {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let instead = match names[..] {
            ["std" | "core", "sync", name, ..] if SAME.contains(&name) => return None,
            ["std" | "core", "sync", "self" | "*"]
            | ["std" | "core", "sync"]
            | ["std" | "core", "*"] => "crate::sync".to_owned(),
            ["std" | "core", "sync", name, ..] => format!("crate::sync::{name}"),
            ["std", "thread", "panicking"] => return None,
            ["std", "thread", ..] => "crate::sync::thread".to_owned(),
            ["std" | "core", "cell", "UnsafeCell", ..] => "crate::sync::UnsafeCell".to_owned(),
            _ => return None,
        };
        Some(Unseen {
            line: self.line,
            path: names.join("::").trim_end_matches("::self").to_owned(),
            instead,
        })
    }

    fn is_own_thread_local(&self) -> bool {
        matches!(&self.names[..], [root, sync, name] if root == "crate" && sync == "sync" && name == "thread_local")
    }
}

/// A sleep that is written `thread::sleep(…)`, in a source that has imported `std::thread`.
fn imported_sleep(tokens: &[Token], paths: &[Path]) -> Option<Unseen> {
    let imports = |path: &Path| {
        let names: Vec<&str> = path.names.iter().map(String::as_str).collect();
        matches!(names[..], ["std", "thread"] | ["std", "thread", "self"])
    };
    paths.iter().find(|path| imports(path))?;
    tokens.windows(3).find_map(|three| {
        let path: String = three.iter().map(|token| token.text.as_str()).collect();
        SLEEPS.contains(&path.as_str()).then(|| Unseen {
            line: three[0].line,
            path: format!("std::{path}"),
            instead: String::new(),
        })
    })
}

/// `thread_local!` without a path is the standard library's: the model's threads are one thread of the system, and would share it.
fn thread_local(tokens: &[Token]) -> Option<Unseen> {
    let is = |index: usize, text: &str| tokens.get(index).is_some_and(|token| token.text == text);
    let index = (0..tokens.len()).find(|&index| {
        is(index, "thread_local") && is(index + 1, "!") && (index == 0 || !is(index - 1, "::"))
    })?;
    Some(Unseen {
        line: tokens[index].line,
        path: "thread_local!".to_owned(),
        instead: "crate::sync::thread_local".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Option<(usize, String, String)> {
        first_in(source).map(|unseen| (unseen.line, unseen.path, unseen.instead))
    }

    #[track_caller]
    fn refused(source: &str, line: usize, path: &str, instead: &str) {
        let expected = (line, path.to_owned(), instead.to_owned());
        assert_eq!(found(source), Some(expected), "{source}");
    }

    #[test]
    fn locks_atomics_threads_and_cells_of_the_standard_library_are_seen_however_they_are_written() {
        let mutex = ("std::sync::Mutex", "crate::sync::Mutex");
        for source in [
            "use std::sync::Mutex;",
            "use std::sync::Mutex as Lock;",
            "use ::std::sync::Mutex;",
            "use std::sync::{Arc, Mutex};",
            "use std as library;\nlet lock = library::sync::Mutex::new(0);",
            "use {std as s};\nuse s::{fmt, sync::Mutex as Lock};",
            "extern crate std as s;\ntype M = s::sync::Mutex<u32>;",
            "use std::{fmt, self as s};\nuse s::sync::Mutex;",
            "use std::{fmt, sync::{Arc, Mutex}, task::Waker};",
            "use {std::sync::Mutex};",
            "type M = std :: sync :: Mutex<u32>;",
            "let text = \"// no comment\"; let lock = std::sync::Mutex::new(0);",
            "let quote = '\"'; use std::sync::Mutex; // \"",
        ] {
            let unseen = first_in(source).unwrap_or_else(|| panic!("{source}"));
            assert_eq!(unseen.instead, mutex.1, "{source}");
            assert!(unseen.path.starts_with(mutex.0), "{source}");
        }
        refused(
            "use std::sync::Arc;\nuse std::sync::atomic::{AtomicBool, Ordering};",
            2,
            "std::sync::atomic::AtomicBool",
            "crate::sync::atomic",
        );
        refused(
            "fn f() {\n    core::sync::atomic::fence(o);\n}",
            2,
            "core::sync::atomic::fence",
            "crate::sync::atomic",
        );
        refused("use std::sync::*;", 1, "std::sync::*", "crate::sync");
        refused("use std::sync::{self, Arc};", 1, "std::sync", "crate::sync");
        refused("use std::sync;", 1, "std::sync", "crate::sync");
        refused("use std::thread;", 1, "std::thread", "crate::sync::thread");
        refused(
            "std::thread::park();",
            1,
            "std::thread::park",
            "crate::sync::thread",
        );
        refused(
            "use std::cell::{Cell, UnsafeCell};",
            1,
            "std::cell::UnsafeCell",
            "crate::sync::UnsafeCell",
        );
        refused(
            "thread_local! { static X: u32 = 1; }",
            1,
            "thread_local!",
            "crate::sync::thread_local",
        );
    }

    #[test]
    fn what_is_the_same_in_the_model_or_not_code_at_all_is_left_alone() {
        for source in [
            "use crate::sync::{Arc, Mutex, atomic::AtomicBool, thread};\nlet lock = Mutex::new(0); thread::park();",
            "use std::sync::{Arc, Weak, PoisonError};\nuse std::task::{Context, Poll};",
            "let counted = std::sync::Arc::clone(&x);",
            "// use std::sync::Mutex;\n/* std::thread /* nested */ std::sync::Once */\n//! std::sync::Mutex",
            "let text = \"std::sync::Mutex\"; let raw = r#\"std::thread \"#;",
            "fn f<'a>(x: &'a str) -> char { 'x' }",
            "use crate::sync::thread_local;\nthread_local! { static X: u32 = 1; }",
            "mod std_like { pub mod sync {} }\nuse self::std_like::sync;",
            "use std::cell::Cell;",
            "use std::fmt as s;\nuse std::{fmt::{self as f}, task::Waker};\nlet s = sync::Mutex;",
            "use std as s;\nuse s::sync::Arc;",
        ] {
            assert_eq!(found(source), None, "{source}");
        }
    }

    #[test]
    fn code_that_sleeps_for_a_time_is_not_sent_to_another_module() {
        for source in [
            "std::thread::sleep(time);",
            "use std::thread::{self, park_timeout};\nuse std::thread::sleep;",
            "use std::thread;\nthread::sleep(time);",
            "use std::{thread, time::Duration};\nfn f() { thread::park_timeout(time); }",
        ] {
            let sentence = first_in(source).unwrap().sentence();
            assert!(sentence.contains("sleeps for a time"), "{sentence}");
            assert!(!sentence.contains("instead"), "{sentence}");
        }
    }

    #[test]
    fn a_macro_has_to_be_imported_by_its_name() {
        let sentence = first_in("use crate::sync::*;\nthread_local! { static X: u32 = 1; }")
            .unwrap()
            .sentence();
        assert!(
            sentence.contains("`use crate::sync::thread_local;`"),
            "{sentence}"
        );
    }

    #[test]
    fn the_sentence_says_where_and_what_to_use_instead() {
        let sentence = first_in("\nuse std::sync::Condvar;").unwrap().sentence();
        assert!(
            sentence.starts_with("Line 2 uses `std::sync::Condvar`")
                && sentence.contains("Use `crate::sync::Condvar`"),
            "{sentence}"
        );
    }
}
