//! A task that another thread starts and waits for.

use std::fmt;

use event_loop::{Door, Handle, JoinError, LoopClosed};

/// Starts a task of the loop from another thread, and returns at once. The loop's thread calls `make`
/// and polls its future, so the future need not be `Send`. Other tasks of the loop run meanwhile.
///
/// # Errors
///
/// If the loop is closed. Then `make` is dropped without a call.
pub fn run_coroutine_threadsafe<F>(
    door: &Door,
    make: impl FnOnce(Handle) -> F + Send + 'static,
) -> Result<RemoteTask<F::Output>, LoopClosed>
where
    F: Future + 'static,
    F::Output: Send + 'static,
{
    todo!("start the task on the loop's thread, and let its result come back")
}

/// A task that another thread started, and can wait for. Dropping this does not end the task: it runs
/// until it completes, and its result is dropped.
#[must_use = "wait for the task, or drop this explicitly to let the task run by itself"]
pub struct RemoteTask<T> {
    result: Option<T>, // Yours to replace.
}

impl<T> RemoteTask<T> {
    /// Blocks this thread until the task completes, and returns its result. Any thread except the
    /// loop's own may wait, also the thread of another loop.
    ///
    /// # Errors
    ///
    /// [`JoinError`], as from a [`JoinHandle`](event_loop::JoinHandle): if the task panicked, its
    /// panic. `Aborted` if the loop was dropped before the task completed, or is dropped during the
    /// wait.
    ///
    /// # Panics
    ///
    /// If it is called on the loop's own thread, because the loop would wait for itself. If the task has
    /// completed already, it may panic there or return the result.
    pub fn wait(self) -> Result<T, JoinError> {
        todo!("block until there is a result, or until there can be none")
    }
}

impl<T> fmt::Debug for RemoteTask<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("RemoteTask")
    }
}
