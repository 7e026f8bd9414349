//! What is to be done with a value when it is there: Twisted's callbacks and errbacks.

use std::error::Error;
use std::rc::Rc;

use cancellation::{Failure, Outcome, Promise};

impl<T: Clone + 'static> Promise<T> {
    /// A promise for what `next` makes of this one's outcome: a callback and an errback in one. Where
    /// one link of a chain fails, the links after it see the error, until one of them turns it into a
    /// value again.
    ///
    /// Cancelling the new promise does not cancel this one.
    pub fn then<U: Clone + 'static>(
        &self,
        next: impl FnOnce(Outcome<T>) -> Outcome<U> + 'static,
    ) -> Promise<U> {
        let promise = Promise::new(self.spawner());
        let link = promise.clone();
        self.on_done(move |outcome| {
            // If it was cancelled in the meantime, nobody wants it.
            let _ = link.finish(next(outcome));
        });
        promise
    }

    /// As [`then`](Promise::then), for a value; an error passes by.
    pub fn and_then<U: Clone + 'static>(
        &self,
        callback: impl FnOnce(T) -> Result<U, Box<dyn Error>> + 'static,
    ) -> Promise<U> {
        self.then(|outcome| callback(outcome?).map_err(|error| Failure::Error(Rc::from(error))))
    }

    /// As [`then`](Promise::then), for an error or a cancellation; a value passes by.
    pub fn or_else(&self, errback: impl FnOnce(Failure) -> Outcome<T> + 'static) -> Promise<T> {
        self.then(|outcome| outcome.or_else(errback))
    }
}
