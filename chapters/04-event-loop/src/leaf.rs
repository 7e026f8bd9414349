//! What a leaf future waits for, for a dump of the tasks.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use event_loop::{TaskId, Time};

thread_local! {
    /// Whether the poll in progress is made for a dump.
    static ASKED: Cell<bool> = const { Cell::new(false) };
    /// What the innermost leaf that is being polled waits for.
    static ANSWER: RefCell<Option<Wait>> = const { RefCell::new(None) };
    /// The name that the task has, if it says so.
    static NAME: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// What a leaf future waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wait {
    /// The loop's clock shows this time.
    Timer(Time),
    /// This task of the same loop completes.
    Task(TaskId),
    /// Anything else, in words: `TcpStream { fd: 9 } is readable`.
    Other(String),
}

// ANCHOR: waits_for
/// Polls a **leaf future**: one that keeps the waker itself, and awaits no other future. If a dump asks,
/// `what` says what it waits for; otherwise `what` is not called, and this reads one thread-local
/// variable.
///
/// A leaf that does not use this appears in a dump all the same, with its type and its line.
#[inline]
pub fn waits_for<R>(what: impl FnOnce() -> Wait, poll: impl FnOnce() -> R) -> R {
    if ASKED.get() {
        answered(what(), poll)
    } else {
        poll()
    }
}
// ANCHOR_END: waits_for

#[cold]
fn answered<R>(wait: Wait, poll: impl FnOnce() -> R) -> R {
    let outer = ANSWER.replace(Some(wait));
    let polled = catch_unwind(AssertUnwindSafe(poll));
    ANSWER.set(outer);
    polled.unwrap_or_else(|panic| resume_unwind(panic))
}

/// The task that is being polled has this name, for a dump.
#[inline]
pub fn name_task(name: &str) {
    if ASKED.get() {
        NAME.set(Some(name.to_owned()));
    }
}

/// The name that the task gave itself in the last poll for a dump.
#[must_use]
pub fn take_name() -> Option<String> {
    NAME.take()
}

/// Makes a poll in which leaves are asked what they wait for.
pub fn asking<R>(poll: impl FnOnce() -> R) -> R {
    let outer = ASKED.replace(true);
    let polled = catch_unwind(AssertUnwindSafe(poll));
    ASKED.set(outer);
    polled.unwrap_or_else(|panic| resume_unwind(panic))
}

/// What the leaf waits for that is being polled now: for a waker that notes which future clones it.
#[must_use]
pub fn answer() -> Option<Wait> {
    ANSWER.with_borrow(Clone::clone)
}

impl fmt::Display for Wait {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wait::Timer(when) => write!(out, "a timer, due at {when}"),
            Wait::Task(task) => task.fmt(out),
            Wait::Other(what) => out.write_str(what),
        }
    }
}
