//! What is to be done with a value when it is there: Twisted's callbacks and errbacks.

use std::error::Error;
use std::thread;

use cancellation::{Failure, Outcome, Promise};

impl<T: Clone + 'static> Promise<T> {
    // ANCHOR: then
    /// A promise for what `next` makes of this one's outcome: a callback and an errback in one.
    /// Where one link of a chain fails, the links after it see the error, until one of them turns
    /// it into a value again.
    ///
    /// If `next` panics, the new promise ends with an error that says so. If it is never called,
    /// because this promise or the loop is gone, the new one is cancelled.
    ///
    /// Cancelling the new promise does not cancel this one; `next` is called all the same.
    pub fn then<U: Clone + 'static>(
        &self,
        next: impl FnOnce(Outcome<T>) -> Outcome<U> + 'static,
    ) -> Promise<U> {
        let promise = Promise::new(self.spawner());
        let link = Link(promise.clone());
        self.on_done(move |outcome| {
            // If it was cancelled in the meantime, nobody wants it.
            let _ = link.0.finish(next(outcome));
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
/// The promise at the end of a link. It ends with the link at the latest, however that one ends:
/// else whoever waits for it would wait for ever.
struct Link<U: Clone + 'static>(Promise<U>);

impl<U: Clone + 'static> Drop for Link<U> {
    fn drop(&mut self) {
        let failure = if thread::panicking() {
            Failure::error("a callback panicked")
        } else {
            Failure::Cancelled
        };
        // Refused if it has its outcome: that is, nearly always.
        let _ = self.0.finish(Err(failure));
    }
}
// ANCHOR_END: link
