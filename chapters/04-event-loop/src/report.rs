//! What went wrong without anybody asking.

use std::any::Any;
use std::fmt;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use event_loop::TaskId;

/// Something went wrong, and nobody will ever learn of it in any other way: a task has panicked whose
/// [`JoinHandle`](crate::JoinHandle) nobody awaits, for instance.
///
/// asyncio says "Task exception was never retrieved" then, and calls the loop's exception handler.
pub struct Unretrieved {
    task: Option<TaskId>,
    said: String,
}

impl Unretrieved {
    /// A task's panic.
    pub(crate) fn panic(task: Option<TaskId>, panic: &(dyn Any + Send)) -> Unretrieved {
        let message = message(panic);
        let said = match task {
            Some(task) => format!("{task} panicked, and nobody asked how it ended: {message}"),
            None => format!("a call from another thread panicked: {message}"),
        };
        Unretrieved { task, said }
    }

    /// A panic in the destructor of a callback or a waker that the loop drops.
    pub(crate) fn in_destructor(panic: &(dyn Any + Send)) -> Unretrieved {
        Unretrieved::other(&format!("a destructor panicked: {}", message(panic)))
    }

    /// Anything else, in words: see [`Spawn::report`](crate::Spawn::report).
    pub(crate) fn other(said: &str) -> Unretrieved {
        let (task, said) = (None, said.to_owned());
        Unretrieved { task, said }
    }

    /// Whose panic it was, if it was a task's of this loop.
    #[must_use]
    pub fn task(&self) -> Option<TaskId> {
        self.task
    }
}

impl fmt::Display for Unretrieved {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.said)
    }
}

impl fmt::Debug for Unretrieved {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// What was said with a panic, if it was said in words.
pub(crate) fn message(panic: &(dyn Any + Send)) -> &str {
    if let Some(text) = panic.downcast_ref::<&str>() {
        text
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text
    } else {
        "something that is no text"
    }
}

/// What is done about it: unless somebody wishes otherwise, one line on standard error.
#[derive(Clone)]
pub(crate) struct Report(Rc<dyn Fn(&Unretrieved)>);

impl Report {
    pub(crate) fn new(call: impl Fn(&Unretrieved) + 'static) -> Report {
        Report(Rc::new(call))
    }

    /// Calls the reporter. If it panics, both what it was given and its panic go to standard error: what
    /// calls this may be a destructor, or the middle of an iteration.
    pub(crate) fn call(&self, unretrieved: &Unretrieved) {
        let reported = catch_unwind(AssertUnwindSafe(|| (self.0)(unretrieved)));
        if let Err(panic) = reported {
            let message = message(&*panic);
            to_stderr(&format_args!(
                "the reporter panicked ({message}) when it was given: {unretrieved}"
            ));
            std::mem::forget(panic); // Its destructor may panic as well.
        }
    }
}

impl Default for Report {
    fn default() -> Report {
        Report::new(|unretrieved| to_stderr(unretrieved))
    }
}

/// Prints a line on standard error, if there is one: `eprintln!` panics where it is a closed pipe.
pub(crate) fn to_stderr(line: &dyn fmt::Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
