//! A task that is started from another thread, and waited for there.

use std::fmt;
// YOURS
use std::sync::mpsc;
// YOURS_END

use event_loop::{Door, Handle, JoinError, LoopClosed};

// ANCHOR: run
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
    // YOURS
    let (sender, result) = mpsc::channel();
    door.call_soon_threadsafe(move |handle| {
        let task = handle.spawn(make(handle.clone()));
        let forward = handle.spawn(async move {
            // If nobody waits any more, nobody gets it.
            let _ = sender.send(task.await);
        });
        drop(forward);
    })?;
    let door = door.clone();
    Ok(RemoteTask { result, door })
    // STUB: todo!("through the door, and back again")
    // YOURS_END
}
// ANCHOR_END: run

/// A task that was started from another thread, and may be waited for there. Dropping it lets the task
/// run on.
#[must_use = "drop it explicitly to let the task run on by itself, or wait for it"]
pub struct RemoteTask<T> {
    // YOURS
    result: mpsc::Receiver<Result<T, JoinError>>,
    door: Door,
    // STUB: result: Option<T>, // Yours to replace.
    // YOURS_END
}

impl<T> RemoteTask<T> {
    // ANCHOR: wait
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
        // YOURS
        assert!(
            !self.door.is_home(),
            "the loop's thread must not wait for one of its own tasks: it would never poll it"
        );
        self.result.recv().unwrap_or(Err(JoinError::Aborted))
        // STUB: todo!("block until there is a result, or will never be one")
        // YOURS_END
    }
    // ANCHOR_END: wait
}

impl<T> fmt::Debug for RemoteTask<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("RemoteTask")
    }
}
