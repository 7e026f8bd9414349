//! What has to be awaited when a task is dropped.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use event_loop::{BoxedTask, Spawn};

/// Work that is to be done in any case, and that has to wait for something: say goodbye to a peer,
/// or give a lease back. In Python it would stand in a `finally` or at the end of an `async with`.
///
/// A destructor cannot wait. So there are two ways: awaited, it is done here and now; dropped,
/// before that or in the middle of it, the loop gets whatever is left of it as a task. Nobody waits
/// for that task, and it is dropped in turn when the loop ends.
///
/// # Cancel safety
///
/// Dropping it is what it is made for.
#[must_use = "dropping it right away has it done by the loop"]
pub struct Cleanup {
    work: Option<BoxedTask>,
    spawn: Rc<dyn Spawn>,
}

impl Cleanup {
    /// Nothing of the work is done before this is awaited or dropped.
    pub fn new(spawn: &Rc<dyn Spawn>, work: impl Future<Output = ()> + 'static) -> Cleanup {
        Cleanup {
            work: Some(Box::pin(work)),
            spawn: Rc::clone(spawn),
        }
    }

    /// There is nothing to be cleaned up any more.
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
        // Taken out for the poll: what panics in it is not begun once more by the destructor.
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
