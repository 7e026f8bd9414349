//! Waiting for a task without taking it along when one is cancelled. Safe code is enough for it:
//! `unsafe` does not compile here.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use cancellation::{Ended, Task};
use event_loop::Spawn;

/// Runs a future as a task of its own, and waits for it. Who waits may be cancelled; the task then
/// runs on by itself, and if it panics, that is reported. It is asyncio's `shield`.
///
/// What it protects is the work, not the one who waits: that one is gone all the same. And it
/// protects from being cancelled, not from the end of the loop.
// ANCHOR: shield
pub fn shield<F>(spawn: &Rc<dyn Spawn>, future: F) -> Shield<F::Output>
where
    F: Future + 'static,
{
    // YOURS
    Shield {
        task: Some(Task::spawn(spawn, future)),
    }
    // STUB: todo!("who is to run the future?")
    // YOURS_END
}

/// See [`shield`].
///
/// # Cancel safety
///
/// Dropping it loses nothing but the output: the task runs on.
#[must_use = "the task runs on by itself, but nobody waits for it"]
pub struct Shield<T: 'static> {
    // YOURS
    /// It is taken out when this is dropped, and not before.
    task: Option<Task<T>>,
    // STUB: task: Task<T>, // Yours to replace.
    // YOURS_END
}

impl<T> Future for Shield<T> {
    type Output = Result<T, Ended>;

    /// It must not be polled again after it was ready: what it does then is not promised.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // YOURS
        let task = self.task.as_mut().expect("this is not dropped yet");
        Pin::new(task).poll(context)
        // STUB: todo!("a task is a future")
        // YOURS_END
    }
}
// YOURS

impl<T> Drop for Shield<T> {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.detach();
        }
    }
}
// YOURS_END
// ANCHOR_END: shield

impl<T> std::fmt::Debug for Shield<T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Shield")
    }
}
