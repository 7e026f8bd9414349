//! Chains of promises: Twisted's callbacks and errbacks.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use cancellation::{Failure, Outcome, Promise};

impl<T: Clone + 'static> Promise<T> {
    // ANCHOR: then
    /// A promise for what `next` makes of this one's outcome: a callback and an errback in one.
    /// Where one link of a chain fails, the links after it see the error, until one of them turns
    /// it into a value again.
    ///
    /// If `next` panics, the new promise ends with an error that says so. If it is never called,
    /// because this promise was dropped or the loop was closed, the new one is cancelled.
    ///
    /// Cancelling the new promise does not cancel this one; `next` is still called.
    pub fn then<U: Clone + 'static>(
        &self,
        next: impl FnOnce(Outcome<T>) -> Outcome<U> + 'static,
    ) -> Promise<U> {
        let promise = Promise::new(self.spawner());
        let link = Link(promise.clone());
        self.on_done(move |outcome| {
            let next = catch_unwind(AssertUnwindSafe(|| next(outcome)));
            let (outcome, panic) = match next {
                Ok(outcome) => (outcome, None),
                Err(panic) => (Err(Failure::error("a callback panicked")), Some(panic)),
            };
            // Refused if the new promise was cancelled in the meantime.
            let _ = link.0.finish(outcome);
            if let Some(panic) = panic {
                resume_unwind(panic);
            }
        });
        promise
    }
    // ANCHOR_END: then

    /// As [`then`](Promise::then), for a value; an error passes by.
    pub fn and_then<U: Clone + 'static>(
        &self,
        callback: impl FnOnce(T) -> Result<U, Box<dyn Error>> + 'static,
    ) -> Promise<U> {
        self.then(|outcome| callback(outcome?).map_err(Failure::error))
    }

    /// As [`then`](Promise::then), for an error or a cancellation; a value passes by.
    pub fn or_else(&self, errback: impl FnOnce(Failure) -> Outcome<T> + 'static) -> Promise<T> {
        self.then(|outcome| outcome.or_else(errback))
    }
}

// ANCHOR: link
/// The promise at the end of a link. If the link is dropped without a call of its callback, the promise
/// is cancelled: otherwise a task that awaits it would wait forever.
struct Link<U: Clone + 'static>(Promise<U>);

impl<U: Clone + 'static> Drop for Link<U> {
    fn drop(&mut self) {
        // Refused if the promise has its outcome: that is, nearly always.
        let _ = self.0.finish(Err(Failure::Cancelled));
    }
}
// ANCHOR_END: link
