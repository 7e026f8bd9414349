//! Waiting for a task that goes on when the waiter is cancelled. Safe code is enough: `unsafe` does
//! not compile here.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use cancellation::{Ended, Task};
use event_loop::Spawn;

/// Runs `future` as a task of its own, and returns a future of its result. The loop runs the task
/// whether or not the shield is polled. This is asyncio's `shield`.
///
/// ```
/// use std::cell::Cell;
/// use std::rc::Rc;
/// use cancellation::shield;
/// use event_loop::{EventLoop, Spawn, yield_now};
///
/// let event_loop = EventLoop::new();
/// let spawn: Rc<dyn Spawn> = Rc::new(event_loop.handle());
/// let saved = Rc::new(Cell::new(false));
/// event_loop.block_on(async {
///     let work = { let saved = Rc::clone(&saved); async move { saved.set(true) } };
///     drop(shield(&spawn, work)); // The waiter is gone before the first poll of the work.
///     yield_now().await;
/// });
/// assert!(saved.get());
/// ```
///
/// If the shield is dropped, the task goes on, and if it panics later, or has panicked already, the
/// loop reports the panic. If the shield is polled until it is ready, the waiter receives the
/// panic, and it is not reported.
///
/// A shield protects the work, not the waiter: a waiter that is cancelled is dropped at once. It
/// does not protect the work from the end of the loop.
pub fn shield<F>(spawn: &Rc<dyn Spawn>, future: F) -> Shield<F::Output>
where
    F: Future + 'static,
{
    todo!("what runs the future?")
}

/// See [`shield`].
///
/// # Cancel safety
///
/// Dropping it loses only the output: the task goes on. The shield keeps no waker of its waiter, and
/// drops nothing of the work.
#[must_use = "the task goes on, but its output is lost"]
pub struct Shield<T: 'static> {
    task: Task<T>, // Yours to replace.
}

impl<T> Future for Shield<T> {
    type Output = Result<T, Ended>;

    /// Wakes the task that polled last. What a poll does after `Ready` is not specified.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        todo!("a task is a future")
    }
}

impl<T> std::fmt::Debug for Shield<T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Shield")
    }
}
