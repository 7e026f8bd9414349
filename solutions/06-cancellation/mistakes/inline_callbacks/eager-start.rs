//! Resumes the generator for the first time before it returns.
//!
//! A generator that waits for promises: what Twisted calls `inlineCallbacks`, and what asyncio's
//! coroutines were made of before there was `async`.

use std::rc::Rc;

use cancellation::{Outcome, Promise};
use event_loop::Spawn;
use generators::{Generator, Step};
use state_machines::{Winner, race};

/// Runs a generator that yields promises, and returns a promise of what it completes with.
///
/// Whenever a promise that it has yielded is over, it is resumed with the outcome, whether that is
/// a value, an error or a cancellation: what is to be done about it is the generator's business.
/// The first resume answers nothing, and comes with `None`.
///
/// The loop does all that: the first resume comes in one of its next turns, and not before this
/// returns. If the promise that is returned is cancelled, the generator is not resumed any more, not
/// even if what it waits for has ended in the meantime. It is closed, that is dropped where it is
/// paused, and the promise for which it waits is cancelled, too, in one of the loop's next turns. If
/// it cancels that promise itself and then completes, the promise stays cancelled. An error that it
/// completes with, and that nobody asks for, is reported.
pub fn inline_callbacks<G, T, R>(spawn: &Rc<dyn Spawn>, generator: G) -> Promise<R>
where
    G: Generator<Option<Outcome<T>>, Yield = Promise<T>, Return = Outcome<R>> + 'static,
    T: Clone + 'static,
    R: Clone + 'static,
{
    let promise = Promise::new(Rc::clone(spawn));
    // ANCHOR: mistake
    let mut driver = Box::pin(drive(generator, promise.clone()));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    if driver.as_mut().poll(&mut context).is_pending() {
        spawn.spawn_boxed(driver);
    }
    // ANCHOR_END: mistake
    promise
}

/// Resumes the generator until it completes, or until nobody wants to know.
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
                // Refused if it was cancelled meanwhile.
                let _ = promise.finish(outcome);
                return;
            }
        };
        // Nobody but the one who cancels can end the promise before the generator does.
        match race(promise.wait(), inner.wait()).await {
            Winner::First(_) => {
                inner.cancel();
                return;
            }
            Winner::Second(outcome) => sent = Some(outcome),
        }
    }
}
