//! The awaits between a task and one of its leaf futures, read from a backtrace.
//!
//! The standard library can print a backtrace and not take it apart. So this reads what it prints. The
//! crate `backtrace` would have the frames as values, at the price of four more crates in a first build.

use std::fmt;

/// One await of a path: a function that awaits, or the leaf future itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The name of the `async fn`, or of the future's type.
    pub name: String,
    /// The file, from its `src` folder on; empty if it is not known.
    pub file: String,
    /// The line of the await. `None` for a set, whose own lines say nothing of the program.
    pub line: Option<u32>,
    /// In a set: which of its futures the path goes on with.
    pub child: Option<u64>,
}

impl Frame {
    /// Whether it is a future that polls several others: see [`SETS`].
    pub(crate) fn is_set(&self) -> bool {
        self.line.is_none() && SETS.contains(&self.name.as_str())
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)?;
        match self.line {
            Some(line) => write!(out, "  {}:{line}", self.file),
            None => Ok(()),
        }
    }
}

/// The path from the task down to the future that cloned its waker, outermost first. `children` are the
/// numbers of the futures with which it goes on where it leads through a [`ReadySet`](INNER_SETS).
pub(crate) fn path(backtrace: &str, children: &[u64]) -> Vec<Frame> {
    let frames = read(backtrace);
    let inside = frames
        .split(|frame| frame.function.contains("noting_waker::clone"))
        .next_back()
        .unwrap_or_default();
    let outside = inside
        .iter()
        .position(|frame| frame.function.contains("noting_waker::noting"));
    let inside = &inside[..outside.unwrap_or(inside.len())];
    // What is inside of the leaf's `poll` is its own affair.
    let leaf = inside.iter().position(Raw::is_leaf).unwrap_or(0);
    let awaits = (inside.iter().skip(leaf + 1)).filter(|raw| raw.awaits() || raw.is_set());
    let leaf = inside.get(leaf).filter(|raw| raw.is_leaf() || raw.awaits());
    let mut path: Vec<Frame> = leaf.into_iter().chain(awaits).map(Raw::frame).collect();
    path.reverse();
    let sets = path.iter_mut().filter(|frame| frame.name == "ReadySet");
    for (set, child) in sets.zip(children) {
        set.child = Some(*child);
    }
    // A set that is made of another one is shown as one.
    path.dedup_by(|inner, outer| {
        let is_inner = outer.is_set() && INNER_SETS.contains(&inner.name.as_str());
        if is_inner {
            outer.child = inner.child.or(outer.child);
        }
        is_inner
    });
    path
}

/// Futures and streams that poll several futures.
const SETS: [&str; 13] = [
    "JoinAll",
    "TryJoinAll",
    "Select",
    "SelectAll",
    "SelectWithRest",
    "TaskGroup",
    "Wait",
    "FirstOk",
    "AsCompleted",
    "ReadySet",
    "Buffered",
    "MergeAll",
    "Merge",
];

/// Those of which others are made.
const INNER_SETS: [&str; 2] = ["AsCompleted", "ReadySet"];

/// One entry of a backtrace.
struct Raw {
    function: String,
    file: String,
    line: Option<u32>,
}

/// Futures that only poll another one, and that no program names.
const WRAPPERS: [&str; 9] = [
    "event_loop::core::",
    "event_loop::engine::",
    // Chapter 14's loop, in its own crate, and where `.ci/fast` puts it.
    "speed::fast::",
    "event_loop::fast::",
    "event_loop::join::Joined",
    "event_loop::leaf::",
    "cancellation::task::",
    "wait_graph::Named",
    "must_await::MustAwait",
];

impl Raw {
    fn is_std(&self) -> bool {
        self.file.contains("/rustc/") || self.file.contains("/library/")
    }

    fn is_wrapper(&self) -> bool {
        let is = |wrapper: &&str| self.function.contains(*wrapper);
        WRAPPERS.iter().any(is) && !self.function.contains("task::Task<")
    }

    /// The `poll` of a future that is no wrapper, or a set's.
    fn is_leaf(&self) -> bool {
        let is_poll = self.function.ends_with("Future>::poll");
        is_poll && !self.is_std() && !self.is_wrapper() || self.is_set()
    }

    /// The `poll` of a set of this course.
    fn is_set(&self) -> bool {
        let polls = ["Future>::poll", "Stream>::poll_next"];
        let is_of = ["<composition::", "<streams::"];
        polls.iter().any(|poll| self.function.ends_with(poll))
            && is_of.iter().any(|of| self.function.starts_with(of))
            && SETS.contains(&name(&self.function).as_str())
    }

    /// The body of an `async fn` or an async block of the program.
    fn awaits(&self) -> bool {
        let body = self.function.ends_with("{{closure}}") || self.function.ends_with('}');
        let other = self.file.contains("/registry/") || self.is_std() || self.is_wrapper();
        body && !other && !self.function.contains("Future>::poll")
    }

    fn frame(&self) -> Frame {
        if self.is_set() {
            // Its line says only how it is made.
            return Frame {
                name: name(&self.function),
                file: String::new(),
                line: None,
                child: None,
            };
        }
        Frame {
            name: name(&self.function),
            file: short(&self.file),
            line: self.line,
            child: None,
        }
    }
}

/// `fetch` for `program::fetch::{{closure}}`; `Sleep` for `<event_loop::sleep::Sleep as Future>::poll`.
fn name(function: &str) -> String {
    let of = match function.strip_prefix('<') {
        Some(rest) => rest.split(" as ").next().unwrap_or(rest),
        None => function,
    };
    let bare = of.split('<').next().unwrap_or(of);
    let named = |part: &&str| !part.is_empty() && !part.starts_with('{');
    let last = bare.rsplit("::").find(named);
    // With `debug = "line-tables-only"` the compiler leaves the name of an inlined function out.
    last.unwrap_or("async").to_owned()
}

/// A path from its last `src` or `tests` folder on.
pub(crate) fn short(file: &str) -> String {
    let file = file.replace('\\', "/");
    let folders = ["/src/", "/tests/"];
    let start = folders.iter().filter_map(|folder| file.rfind(folder)).max();
    start.map_or(file.clone(), |start| file[start + 1..].to_owned())
}

/// Reads the form in which the standard library prints a backtrace, innermost first: a line `3: function`
/// for each frame, and below it, where it is known, a line `at file:line:column`.
fn read(backtrace: &str) -> Vec<Raw> {
    let mut frames: Vec<Raw> = Vec::new();
    for line in backtrace.lines().map(str::trim_start) {
        if let Some(place) = line.strip_prefix("at ") {
            let Some(frame) = frames.last_mut() else {
                continue;
            };
            let mut parts = place.rsplitn(3, ':');
            let (_column, line, file) = (parts.next(), parts.next(), parts.next());
            frame.file = file.unwrap_or_default().replace('\\', "/");
            frame.line = line.and_then(|line| line.parse().ok());
        } else if let Some((_, function)) = line.split_once(": ") {
            frames.push(Raw {
                function: function.to_owned(),
                file: String::new(),
                line: None,
            });
        }
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKTRACE: &str = "   0: std::backtrace::Backtrace::force_capture
             at /rustc/1/library/std/src/backtrace.rs:312:9
   1: debugging::noting_waker::clone
             at ./src/noting_waker.rs:80:24
   2: <core::task::wake::Waker as core::clone::Clone>::clone
             at /rustc/1/library/core/src/task/wake.rs:600:18
   3: <event_loop::sleep::Sleep as core::future::future::Future>::poll::{{closure}}
             at /course/chapters/04-event-loop/src/sleep.rs:69:47
   4: event_loop::leaf::waits_for
             at /course/chapters/04-event-loop/src/leaf.rs:40:9
   5: <event_loop::sleep::Sleep as core::future::future::Future>::poll
             at /course/chapters/04-event-loop/src/sleep.rs:69:30
   6: program::fetch::{{closure}}
             at ./src/bin/program.rs:12:36
   7: <core::pin::Pin<P> as core::future::future::Future>::poll
             at /rustc/1/library/core/src/future/future.rs:133:9
   8: program::main::{{closure}}::{{closure}}
             at ./src/bin/program.rs:31:17
   9: <event_loop::join::Joined<F> as core::future::future::Future>::poll::{{closure}}
             at /course/chapters/04-event-loop/src/join.rs:136:59
  10: debugging::noting_waker::noting
             at ./src/noting_waker.rs:44:18
  11: program::main::{{closure}}
             at ./src/bin/program.rs:60:17
";

    fn shown(backtrace: &str) -> Vec<String> {
        path(backtrace, &[]).iter().map(Frame::to_string).collect()
    }

    #[test]
    fn a_path_holds_the_awaits_from_the_task_to_the_leaf_and_no_wrapper() {
        assert_eq!(
            shown(BACKTRACE),
            [
                "main  src/bin/program.rs:31",
                "fetch  src/bin/program.rs:12",
                "Sleep  src/sleep.rs:69",
            ]
        );
    }

    #[test]
    fn a_build_without_line_tables_shows_the_names() {
        let bare: String = BACKTRACE
            .lines()
            .filter(|line| !line.trim_start().starts_with("at "))
            .map(|line| format!("{line}\n"))
            .collect();
        assert!(shown(&bare).contains(&"fetch".to_owned()));
    }

    #[test]
    fn what_is_no_backtrace_gives_no_path() {
        assert!(path("disabled backtrace", &[]).is_empty());
    }
}
