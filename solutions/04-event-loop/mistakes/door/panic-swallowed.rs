//! Sends the result from inside of the task.
//!
//! A task that is started from another thread, and waited for there.

use std::fmt;
use std::sync::mpsc;

use event_loop::{Door, Handle, JoinError, LoopClosed};

/// Starts a task from another thread. The future is made on the loop's thread, by `make`, and so need
/// not be `Send`. Tasks of the loop go on meanwhile.
///
/// # Errors
///
/// If the loop is closed.
pub fn run_coroutine_threadsafe<F>(
    door: &Door,
    make: impl FnOnce(Handle) -> F + Send + 'static,
) -> Result<RemoteTask<F::Output>, LoopClosed>
where
    F: Future + 'static,
    F::Output: Send + 'static,
{
    let (sender, result) = mpsc::channel();
    door.call_soon_threadsafe(move |handle| {
        // ANCHOR: mistake
        let future = make(handle.clone());
        drop(handle.spawn(async move {
            let _ = sender.send(Ok(future.await));
        }));
        // ANCHOR_END: mistake
    })?;
    Ok(RemoteTask {
        result,
        door: door.clone(),
    })
}

/// A task that was started from another thread, and may be waited for there. Dropping it lets the task
/// run on.
#[must_use = "drop it explicitly to let the task run on by itself, or wait for it"]
pub struct RemoteTask<T> {
    result: mpsc::Receiver<Result<T, JoinError>>,
    door: Door,
}

impl<T> RemoteTask<T> {
    /// Blocks this thread until the task is over, however long that takes.
    ///
    /// # Errors
    ///
    /// [`JoinError`], as from a [`JoinHandle`](event_loop::JoinHandle): if the task panicked, its
    /// panic; `Aborted` also if the loop is gone, or goes while this waits.
    ///
    /// # Panics
    ///
    /// If it is called on the loop's own thread: the loop would wait for itself. Whether it also panics
    /// there when the task is over already is left open.
    pub fn wait(self) -> Result<T, JoinError> {
        assert!(!self.door.is_home(), "the loop would wait for itself");
        self.result.recv().unwrap_or(Err(JoinError::Aborted))
    }
}

impl<T> fmt::Debug for RemoteTask<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("RemoteTask")
    }
}
