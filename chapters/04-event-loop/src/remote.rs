//! A task that another thread starts and waits for.

use std::fmt;
// YOURS
use std::sync::mpsc;
// YOURS_END

use event_loop::{Door, Handle, JoinError, LoopClosed};

// ANCHOR: run
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
    // YOURS
    let (sender, result) = mpsc::channel();
    door.call_soon_threadsafe(move |handle| {
        let task = handle.spawn(make(handle.clone()));
        let forward = handle.spawn(async move {
            // Fails if the `RemoteTask` was dropped. The result is dropped then.
            let _ = sender.send(task.await);
        });
        drop(forward);
    })?;
    let door = door.clone();
    Ok(RemoteTask { result, door })
    // STUB: todo!("start the task on the loop's thread, and let its result come back")
    // YOURS_END
}
// ANCHOR_END: run

/// A task that another thread started, and can wait for. Dropping this does not end the task: it runs
/// until it completes, and its result is dropped.
#[must_use = "wait for the task, or drop this explicitly to let the task run by itself"]
pub struct RemoteTask<T> {
    // YOURS
    result: mpsc::Receiver<Result<T, JoinError>>,
    door: Door,
    // STUB: result: Option<T>, // Yours to replace.
    // YOURS_END
}

impl<T> RemoteTask<T> {
    // ANCHOR: wait
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
        // YOURS
        assert!(
            !self.door.is_home(),
            "the loop's thread must not wait for one of its own tasks: it would never poll it"
        );
        self.result.recv().unwrap_or(Err(JoinError::Aborted))
        // STUB: todo!("block until there is a result, or until there can be none")
        // YOURS_END
    }
    // ANCHOR_END: wait
}

impl<T> fmt::Debug for RemoteTask<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("RemoteTask")
    }
}
