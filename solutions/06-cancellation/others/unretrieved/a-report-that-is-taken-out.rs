//! No flag: what would report the error is an object, and the first retrieval takes it out and throws it away.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use cancellation::{Failure, Outcome};
use event_loop::Spawn;

/// Reports when it is dropped while it still has a text.
struct Report {
    text: Option<String>,
    spawn: Rc<dyn Spawn>,
}

impl Drop for Report {
    fn drop(&mut self) {
        if let Some(text) = self.text.take() {
            self.spawn.report(&text);
        }
    }
}

/// The report is dropped before the outcome, since it stands first.
struct Shared<T> {
    report: RefCell<Option<Report>>,
    outcome: Outcome<T>,
}

pub struct Kept<T>(Rc<Shared<T>>);

impl<T: Clone> Kept<T> {
    pub fn new(outcome: Outcome<T>, spawn: Rc<dyn Spawn>) -> Kept<T> {
        let report = match &outcome {
            Err(Failure::Error(error)) => Some(Report {
                text: Some(format!(
                    "a promise ended with an error that was never retrieved: {error}"
                )),
                spawn,
            }),
            _ => None,
        };
        Kept(Rc::new(Shared {
            report: RefCell::new(report),
            outcome,
        }))
    }

    pub fn retrieve(&self) -> Outcome<T> {
        let report = self.0.report.borrow_mut().take();
        if let Some(mut report) = report {
            report.text = None;
        }
        self.0.outcome.clone()
    }
}

impl<T: Clone> Clone for Kept<T> {
    fn clone(&self) -> Kept<T> {
        Kept(Rc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Kept<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Kept")
    }
}
