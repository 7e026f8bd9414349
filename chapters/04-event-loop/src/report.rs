//! A panic that nobody asked for.

use std::any::Any;
use std::fmt;
use std::rc::Rc;

use event_loop::TaskId;

/// A task has panicked, and nobody will ever learn of it through its [`JoinHandle`](crate::JoinHandle).
///
/// asyncio says "Task exception was never retrieved" then.
pub struct Unretrieved {
    task: Option<TaskId>,
    panic: Box<dyn Any + Send>,
}

impl Unretrieved {
    pub(crate) fn new(task: Option<TaskId>, panic: Box<dyn Any + Send>) -> Unretrieved {
        Unretrieved { task, panic }
    }

    /// Whose panic it was; `None` if it was a call's that came through the [`Door`](crate::Door).
    #[must_use]
    pub fn task(&self) -> Option<TaskId> {
        self.task
    }

    /// What was said with the panic.
    #[must_use]
    pub fn message(&self) -> &str {
        message(&*self.panic)
    }
}

impl fmt::Display for Unretrieved {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message();
        match self.task {
            Some(task) => write!(
                out,
                "{task} panicked, and nobody asked how it ended: {message}"
            ),
            None => write!(out, "a call from another thread panicked: {message}"),
        }
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

    pub(crate) fn call(&self, unretrieved: &Unretrieved) {
        (self.0)(unretrieved);
    }
}

impl Default for Report {
    fn default() -> Report {
        Report::new(|unretrieved| eprintln!("{unretrieved}"))
    }
}
