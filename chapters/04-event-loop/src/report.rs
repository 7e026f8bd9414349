//! Panics that no task retrieves.

use std::any::Any;
use std::fmt;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use event_loop::TaskId;

/// A failure that no caller receives, such as the panic of a task whose
/// [`JoinHandle`](crate::JoinHandle) was dropped.
///
/// asyncio logs "Task exception was never retrieved" then, through the loop's exception handler.
pub struct Unretrieved {
    task: Option<TaskId>,
    said: String,
}

impl Unretrieved {
    /// A task's panic; that of a call from another thread if `task` is `None`.
    #[must_use]
    pub fn panic(task: Option<TaskId>, panic: &(dyn Any + Send)) -> Unretrieved {
        let message = panic_message(panic);
        let said = match task {
            Some(task) => format!("{task} panicked, and its result was never retrieved: {message}"),
            None => format!("a call from another thread panicked: {message}"),
        };
        Unretrieved { task, said }
    }

    /// A panic in the destructor of a callback or a waker that the loop drops.
    #[must_use]
    pub fn in_destructor(panic: &(dyn Any + Send)) -> Unretrieved {
        Unretrieved::other(&format!("a destructor panicked: {}", panic_message(panic)))
    }

    /// Anything else, in words: see [`Spawn::report`](crate::Spawn::report).
    #[must_use]
    pub fn other(said: &str) -> Unretrieved {
        let (task, said) = (None, said.to_owned());
        Unretrieved { task, said }
    }

    /// The task that panicked, if it was one of this loop.
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

/// The message of a panic with this payload, if that is text.
#[must_use]
pub fn panic_message(panic: &(dyn Any + Send)) -> &str {
    if let Some(text) = panic.downcast_ref::<&str>() {
        text
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text
    } else {
        "something that is no text"
    }
}

/// The function that receives failures. By default it prints one line on standard error.
#[derive(Clone)]
pub struct Report(Rc<dyn Fn(&Unretrieved)>);

impl Report {
    /// A reporter that calls this.
    #[must_use]
    pub fn new(call: impl Fn(&Unretrieved) + 'static) -> Report {
        Report(Rc::new(call))
    }

    /// Calls the reporter. If it panics, both what it was given and its panic go to standard error: what
    /// calls this may be a destructor, or the middle of an iteration.
    pub fn call(&self, unretrieved: &Unretrieved) {
        let reported = catch_unwind(AssertUnwindSafe(|| (self.0)(unretrieved)));
        if let Err(panic) = reported {
            let message = panic_message(&*panic);
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
