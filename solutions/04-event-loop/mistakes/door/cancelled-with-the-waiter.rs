//! Aborts the task if the `RemoteTask` is gone when the task is polled for the first time.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

struct Shared<T> {
    slot: Mutex<Option<Result<T, JoinError>>>,
    bell: Condvar,
}

struct Filler<T>(Arc<Shared<T>>);

impl<T> Filler<T> {
    fn fill(&self, r: Result<T, JoinError>) {
        let mut slot = self.0.slot.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            *slot = Some(r);
        }
        drop(slot);
        self.0.bell.notify_all();
    }
}

impl<T> Drop for Filler<T> {
    fn drop(&mut self) {
        self.fill(Err(JoinError::Aborted));
    }
}

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
    let result = Arc::new(Shared {
        slot: Mutex::new(None),
        bell: Condvar::new(),
    });
    let filler = Filler(Arc::clone(&result));
    door.call_soon_threadsafe(move |handle: &Handle| {
        let ours = handle.clone();
        let task = handle.spawn(async move { make(ours).await });
        drop(handle.spawn(async move {
            let mut task = task;
            let r = std::future::poll_fn(|cx| {
                if Arc::strong_count(&filler.0) == 1 {
                    task.abort();
                }
                std::pin::Pin::new(&mut task).poll(cx)
            })
            .await;
            filler.fill(r);
        }));
    })?;
    Ok(RemoteTask {
        result,
        door: door.clone(),
    })
}

/// A task that another thread started, and can wait for. Dropping this does not end the task: it runs
/// until it completes, and its result is dropped.
#[must_use = "wait for the task, or drop this explicitly to let the task run by itself"]
pub struct RemoteTask<T> {
    result: Arc<Shared<T>>,
    door: Door,
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
        assert!(!self.door.is_home(), "the loop would wait for itself");
        let mut slot = self
            .result
            .slot
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(r) = slot.take() {
                return r;
            }
            slot = self
                .result
                .bell
                .wait(slot)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<T> fmt::Debug for RemoteTask<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("RemoteTask")
    }
}
