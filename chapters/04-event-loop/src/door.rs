//! The thread-safe handle of a loop.

use std::fmt;
use std::future::Future;
use std::thread::{self, ThreadId};

use crate::handle::Handle;
use crate::remote::{RemoteTask, run_coroutine_threadsafe};
use crate::sync::Arc;

/// A thread-safe handle of a loop: with it, another thread can have the loop's own thread call a
/// function. A clone is the same handle.
///
/// ```
/// use event_loop::EventLoop;
/// use std::thread;
///
/// let event_loop = EventLoop::new();
/// let door = event_loop.handle().door();
/// let other = thread::spawn(move || door.call_soon_threadsafe(|handle| handle.stop()));
/// event_loop.run_forever();
/// assert!(other.join().unwrap().is_ok());
/// ```
#[derive(Clone)]
pub struct Door {
    queue: Arc<dyn Accept>,
    home: ThreadId,
}

/// A callback that another thread sent: see [`Door::call_soon_threadsafe`].
pub type Call = Box<dyn FnOnce(&Handle) + Send>;

/// The receiving side: a loop with any driver and any observer.
pub trait Accept: Send + Sync {
    /// Has the loop's thread call this in the next iteration, and ends its sleep. `false`, and the call is
    /// dropped, if the loop is closed.
    fn accept(&self, call: Call) -> bool;
}

/// The loop was dropped or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoopClosed;

impl Door {
    pub(crate) fn new(queue: Arc<dyn Accept>) -> Door {
        let home = thread::current().id();
        Door { queue, home }
    }

    /// Whether the calling thread is the loop's own.
    #[must_use]
    pub fn is_home(&self) -> bool {
        thread::current().id() == self.home
    }

    /// Has the loop's thread call `callback` in the next iteration, with the loop's handle. Ends the
    /// loop's sleep, if it sleeps. May be called from any thread. Callbacks of one thread are called in
    /// the order in which it sent them.
    ///
    /// # Errors
    ///
    /// If the loop is closed; then the callback is dropped. After `Ok` it is dropped as well if the loop is
    /// closed before its next iteration.
    pub fn call_soon_threadsafe(
        &self,
        callback: impl FnOnce(&Handle) + Send + 'static,
    ) -> Result<(), LoopClosed> {
        let accepted = self.queue.accept(Box::new(callback));
        accepted.then_some(()).ok_or(LoopClosed)
    }

    /// Starts a task from another thread: see
    /// [`run_coroutine_threadsafe`](crate::remote::run_coroutine_threadsafe).
    ///
    /// # Errors
    ///
    /// If the loop is closed.
    pub fn run_coroutine_threadsafe<F>(
        &self,
        make: impl FnOnce(Handle) -> F + Send + 'static,
    ) -> Result<RemoteTask<F::Output>, LoopClosed>
    where
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        run_coroutine_threadsafe(self, make)
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Door")
            .field("is_home", &self.is_home())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for LoopClosed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the loop is closed")
    }
}

impl std::error::Error for LoopClosed {}
