//! A future that any worker may poll, and never two at once.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Wake, Waker};

use super::workers::Shared;
use crate::sync::atomic::{AtomicU8, Ordering};
use crate::sync::{Arc, Mutex, PoisonError};

/// A worker is polling the task.
const RUNNING: u8 = 1;
/// The task was woken since its last poll began. It is in a queue, or the worker that polls it puts
/// it there after the poll.
const WOKEN: u8 = 2;
/// The future has completed, and has been dropped.
const DONE: u8 = 4;

type Body = Pin<Box<dyn Future<Output = ()> + Send>>;

// ANCHOR: task
/// One spawned future.
///
/// ```text
///          wake            a worker takes it        Pending
///   0 ───────────▶ WOKEN ─────────────────▶ RUNNING ───────▶ 0
///                    ▲                        │ wake
///                    │         Pending        ▼
///                    └─────────────── RUNNING | WOKEN
/// ```
pub(super) struct Task {
    state: AtomicU8,
    /// Only the worker that has set `RUNNING` locks it, so no thread ever waits for this lock.
    body: Mutex<Option<Body>>,
    shared: Arc<Shared>,
}
// ANCHOR_END: task

impl Task {
    /// A task that is woken, and in no queue yet.
    pub(super) fn new(body: Body, shared: &Arc<Shared>) -> Arc<Task> {
        Arc::new(Task {
            state: AtomicU8::new(WOKEN),
            body: Mutex::new(Some(body)),
            shared: Arc::clone(shared),
        })
    }

    // ANCHOR: run
    /// Polls the future once. Called by the worker that has taken the task from a queue.
    pub(super) fn run(self: Arc<Task>) {
        // Acquire: what the thread that woke the task wrote before is visible to this poll. A wake
        // from here on sets `WOKEN` again, and is not lost.
        self.state.swap(RUNNING, Ordering::AcqRel);
        if self.poll_body().is_ready() {
            self.state.store(DONE, Ordering::Release);
            return;
        }
        // Release: the next worker sees what this poll wrote.
        let state = self.state.fetch_and(!RUNNING, Ordering::AcqRel);
        if state & WOKEN != 0 {
            // Woken during the poll. The waker has left the queueing to this worker, because two
            // workers must not poll at once.
            let shared = Arc::clone(&self.shared);
            shared.schedule(self);
        }
    }
    // ANCHOR_END: run

    /// Ready, too, if the future has panicked: `Workers::spawn` reports panics of the poll itself, so
    /// this is one of a destructor.
    fn poll_body(self: &Arc<Task>) -> Poll<()> {
        let waker = Waker::from(Arc::clone(self));
        let mut context = Context::from_waker(&waker);
        let mut body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(future) = body.as_mut() else {
            return Poll::Ready(());
        };
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut context)));
        if matches!(polled, Ok(Poll::Pending)) {
            return Poll::Pending;
        }
        let completed = body.take();
        drop(body);
        // Its destructor is caller-supplied code: it may wake this task, and it may panic.
        let _panic = catch_unwind(AssertUnwindSafe(|| drop(completed)));
        Poll::Ready(())
    }

    /// Drops the future without polling it. For a task that was taken from a queue.
    pub(super) fn discard(&self) {
        self.state.store(DONE, Ordering::Release);
        let body = self
            .body
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let _panic = catch_unwind(AssertUnwindSafe(|| drop(body)));
    }
}

impl Wake for Task {
    // ANCHOR: wake
    fn wake(self: Arc<Task>) {
        // A read-modify-write also if the task is woken already: its Release makes what this thread
        // wrote visible to the poll that clears the flag.
        if self.state.fetch_or(WOKEN, Ordering::AcqRel) == 0 {
            let shared = Arc::clone(&self.shared);
            shared.schedule(self);
        }
    }
    // ANCHOR_END: wake
}
