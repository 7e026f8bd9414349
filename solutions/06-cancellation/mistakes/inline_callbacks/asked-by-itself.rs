//! Learns of the cancellation through a callback, which counts as a retrieval.
//!
//! A generator that waits for promises: what Twisted calls `inlineCallbacks`, and what asyncio's
//! coroutines were made of before there was `async`.

use std::cell::RefCell;
use std::rc::Rc;

use cancellation::{Outcome, Promise};
use event_loop::Spawn;
use generators::{Generator, Step};

/// Runs a generator that yields promises, and returns a promise of what it completes with.
///
/// See the exercise for its contract.
pub fn inline_callbacks<G, T, R>(spawn: &Rc<dyn Spawn>, generator: G) -> Promise<R>
where
    G: Generator<Option<Outcome<T>>, Yield = Promise<T>, Return = Outcome<R>> + 'static,
    T: Clone + 'static,
    R: Clone + 'static,
{
    let promise = Promise::new(Rc::clone(spawn));
    let driver = Rc::new(RefCell::new(Some(Driver {
        generator,
        waits_for: None,
    })));
    let (closed, cancelled) = (Rc::downgrade(&driver), promise.clone());
    // ANCHOR: mistake
    promise.on_done(move |_| {
        if cancelled.state() != "cancelled" {
            return;
        }
        let Some(driver) = closed.upgrade() else { return };
        let running = driver.take();
        if let Some(waits_for) = running.and_then(|running| running.waits_for) {
            waits_for.cancel();
        }
    });
    // ANCHOR_END: mistake
    let (begun, kept) = (Rc::clone(&driver), promise.clone());
    spawn.spawn_boxed(Box::pin(async move {
        if kept.state() == "pending" {
            step(begun, kept, None);
        }
    }));
    promise
}

struct Driver<G, T> {
    generator: G,
    waits_for: Option<Promise<T>>,
}

type Shared<G, T> = Rc<RefCell<Option<Driver<G, T>>>>;

fn step<G, T, R>(driver: Shared<G, T>, promise: Promise<R>, sent: Option<Outcome<T>>)
where
    G: Generator<Option<Outcome<T>>, Yield = Promise<T>, Return = Outcome<R>> + 'static,
    T: Clone + 'static,
    R: Clone + 'static,
{
    let Some(mut running) = driver.take() else { return };
    match running.generator.resume(sent) {
        Step::Complete(outcome) => {
            drop(running);
            let _ = promise.finish(outcome);
        }
        Step::Yielded(inner) => {
            running.waits_for = Some(inner.clone());
            driver.replace(Some(running));
            inner.on_done(move |outcome| step(driver, promise, Some(outcome)));
        }
    }
}
