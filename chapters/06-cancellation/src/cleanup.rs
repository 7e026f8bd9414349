//! Cleanup that has to wait when a task is dropped.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use event_loop::{BoxedTask, Spawn};

/// Work that has to run in any case, and that has to wait: sending a peer a last message, or
/// returning a lease. In Python it would stand in a `finally` or at the end of an `async with`.
///
/// A destructor cannot wait. So there are two ways. If the `Cleanup` is awaited, the work runs here
/// and now. If it is dropped before the work is finished, the loop gets the rest as a task. No code
/// waits for that task, and it is dropped when the loop ends.
///
/// # Cancel safety
///
/// Safe to drop: the loop runs the rest of the work.
#[must_use = "dropping it right away has it done by the loop"]
pub struct Cleanup {
    work: Option<BoxedTask>,
    spawn: Rc<dyn Spawn>,
}

impl Cleanup {
    /// The work starts when this is awaited or dropped, not earlier.
    pub fn new(spawn: &Rc<dyn Spawn>, work: impl Future<Output = ()> + 'static) -> Cleanup {
        Cleanup {
            work: Some(Box::pin(work)),
            spawn: Rc::clone(spawn),
        }
    }

    /// Drops the work: there is nothing left to clean up.
    pub fn cancel(mut self) {
        drop(self.work.take());
    }
}

impl Future for Cleanup {
    type Output = ();

    /// # Panics
    ///
    /// If it is polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // Taken out for the poll: the destructor does not restart work that panicked.
        let mut work = self.work.take().expect("polled after it was ready");
        let polled = work.as_mut().poll(context);
        if polled.is_pending() {
            self.work = Some(work);
        }
        polled
    }
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.spawn.spawn_boxed(work);
        }
    }
}

impl fmt::Debug for Cleanup {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Cleanup")
            .field("is_finished", &self.work.is_none())
            .finish()
    }
}
