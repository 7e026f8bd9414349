//! A generator that waits for promises: what Twisted calls `inlineCallbacks`, and what asyncio's
//! coroutines were made of before there was `async`.

use std::rc::Rc;

use cancellation::{Outcome, Promise};
use event_loop::Spawn;
use generators::{Generator, Step};

/// Runs a generator that yields promises, and returns a promise of what it completes with.
///
/// The loop resumes the generator: for the first time in one of its next iterations, after
/// `inline_callbacks` has returned, with `None`. After that it resumes the generator with the
/// outcome of each promise that it has yielded, once there is one. A value, an error and a
/// cancellation are sent in alike: the generator decides what to do with them.
///
/// If the returned promise is cancelled, also by the generator itself, the generator is not resumed
/// again, not even if the yielded promise has an outcome by then. In one of the loop's next
/// iterations the generator is closed, that is dropped, and the promise for which it waits is
/// cancelled, if it is pending. If the generator cancels the returned promise and then completes,
/// the promise stays cancelled.
///
/// An error with which the generator completes, and that is never retrieved, is reported, as for
/// any other promise. While the generator waits, the loop polls nothing. When the generator has
/// completed or is closed, it is dropped, and the loop keeps nothing of it. Several generators may
/// run side by side. What happens if a generator panics is not specified.
pub fn inline_callbacks<G, T, R>(spawn: &Rc<dyn Spawn>, generator: G) -> Promise<R>
where
    G: Generator<Option<Outcome<T>>, Yield = Promise<T>, Return = Outcome<R>> + 'static,
    T: Clone + 'static,
    R: Clone + 'static,
{
    todo!("resume it; what resumes it when the yielded promise has an outcome?")
}
