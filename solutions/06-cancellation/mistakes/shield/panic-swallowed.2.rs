//! Has the work leave its output in a place, and wake who waits.
//!
//! Waiting for a task without taking it along when one is cancelled. Safe code is enough for it:
//! `unsafe` does not compile here.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use cancellation::Ended;
use event_loop::Spawn;

/// Runs a future as a task of its own, and waits for it. Who waits may be cancelled; the task then
/// runs on by itself, and if it panics, that is reported. It is asyncio's `shield`.
///
/// What it protects is the work, not the one who waits: that one is gone all the same. And it
/// protects from being cancelled, not from the end of the loop.
pub fn shield<F>(spawn: &Rc<dyn Spawn>, future: F) -> Shield<F::Output>
where
    F: Future + 'static,
{
    let place = Rc::new(RefCell::new(Place {
        output: None,
        waiter: None,
    }));
    let inside = Rc::clone(&place);
    // ANCHOR: mistake
    spawn.spawn_boxed(Box::pin(async move {
        let output = future.await;
        let mut place = inside.borrow_mut();
        place.output = Some(output);
        if let Some(waiter) = place.waiter.take() {
            drop(place);
            waiter.wake();
        }
    }));
    // ANCHOR_END: mistake
    Shield { place }
}

/// See [`shield`].
///
/// # Cancel safety
///
/// Dropping it loses nothing but the output: the task runs on.
#[must_use = "the task runs on by itself, but nobody waits for it"]
pub struct Shield<T: 'static> {
    place: Rc<RefCell<Place<T>>>,
}

struct Place<T> {
    output: Option<T>,
    waiter: Option<Waker>,
}

impl<T> Future for Shield<T> {
    type Output = Result<T, Ended>;

    /// It must not be polled again after it was ready: what it does then is not promised.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut place = self.place.borrow_mut();
        if let Some(output) = place.output.take() {
            return Poll::Ready(Ok(output));
        }
        place.waiter = Some(context.waker().clone());
        Poll::Pending
    }
}

impl<T> std::fmt::Debug for Shield<T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Shield")
    }
}
