//! A generator that waits for promises: what Twisted calls `inlineCallbacks`, and what asyncio's
//! coroutines were made of before there was `async`.

use std::rc::Rc;

use cancellation::{Outcome, Promise};
use event_loop::Spawn;
use generators::{Generator, Step};
// YOURS
use state_machines::{Winner, race};
// YOURS_END

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
    // YOURS
    let promise = Promise::new(Rc::clone(spawn));
    spawn.spawn_boxed(Box::pin(drive(generator, promise.clone())));
    promise
    // STUB: todo!("resume it; what resumes it when the yielded promise has an outcome?")
    // YOURS_END
}
// YOURS

/// Resumes the generator until it completes, or until the promise is cancelled.
async fn drive<G, T, R>(mut generator: G, promise: Promise<R>)
where
    G: Generator<Option<Outcome<T>>, Yield = Promise<T>, Return = Outcome<R>>,
    T: Clone + 'static,
    R: Clone + 'static,
{
    let mut sent = None;
    while promise.state() == "pending" {
        let inner = match generator.resume(sent) {
            Step::Yielded(inner) => inner,
            Step::Complete(outcome) => {
                // Refused if it was cancelled in this resume.
                let _ = promise.finish(outcome);
                return;
            }
        };
        // Until the generator completes, only a cancellation ends the promise.
        match race(promise.wait(), inner.wait()).await {
            Winner::First(_) => {
                inner.cancel();
                return;
            }
            Winner::Second(outcome) => sent = Some(outcome),
        }
    }
}
// YOURS_END
