//! The threads that poll the tasks, and the handle of a task.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::FutureExt;
use wakers::oneshot::{self, Receiver};

use super::run_queues::RunQueues;
use super::task::Task;
use crate::sync::Arc;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::thread;

/// An executor with several threads. A task may run on another thread after each suspension point,
/// so its future is [`Send`].
///
/// ```
/// use speed::stealing::Workers;
/// use state_machines::yield_now;
///
/// let workers = Workers::new(2).unwrap();
/// let sum = workers.spawn(async {
///     yield_now().await;
///     1 + 2
/// });
/// assert_eq!(wakers::block_on(sum).unwrap(), 3);
/// ```
///
/// Dropping it waits for the polls in progress, and ends the threads. Tasks that are queued then, or
/// that are woken later, are dropped without a poll. A task that is never woken again lives as long
/// as its wakers: this executor keeps no list of its tasks.
///
/// If one of its own tasks drops it, it waits for the other polls. The thread of that task ends after its
/// poll.
pub struct Workers {
    shared: Arc<Shared>,
    threads: Vec<thread::JoinHandle<()>>,
}

/// What the tasks and the threads have in common.
pub(super) struct Shared {
    queues: RunQueues<Arc<Task>>,
    stopping: AtomicBool,
}

// The model's macro knows no constant initializers.
#[allow(clippy::missing_const_for_thread_local)]
mod current {
    use std::cell::Cell;

    crate::sync::thread_local! {
        /// The number of this thread among the workers, and the address of what it shares with them.
        pub(super) static CURRENT: Cell<Option<(usize, usize)>> = Cell::new(None);

        /// The address of the executor whose queued tasks this thread drops, or 0.
        pub(super) static DISCARDING: Cell<usize> = Cell::new(0);
    }
}
use current::{CURRENT, DISCARDING};

impl Workers {
    /// Starts this many threads.
    ///
    /// # Errors
    ///
    /// If the system starts no thread.
    ///
    /// # Panics
    ///
    /// If `count` is 0.
    pub fn new(count: usize) -> io::Result<Workers> {
        assert!(count > 0, "an executor needs a thread");
        let shared = Arc::new(Shared {
            queues: RunQueues::new(count),
            stopping: AtomicBool::new(false),
        });
        // From here on a failure ends the threads that were started, by the destructor.
        let mut workers = Workers {
            shared,
            threads: Vec::with_capacity(count),
        };
        for number in 0..count {
            let shared = Arc::clone(&workers.shared);
            let thread = thread::Builder::new()
                .name(format!("worker {number}"))
                .spawn(move || shared.work(number))?;
            workers.threads.push(thread);
        }
        Ok(workers)
    }

    /// Polls `future` on the workers until it completes. The first poll may happen before this
    /// returns, on another thread.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let body = async move {
            let result = AssertUnwindSafe(future).catch_unwind().await;
            // It fails if the handle was dropped: then no task wants the result.
            let _unwanted = sender.send(result);
        };
        self.shared
            .schedule(Task::new(Box::pin(body), &self.shared));
        JoinHandle { receiver }
    }
}

impl Shared {
    // ANCHOR: schedule
    /// Queues a task that is woken: in the queue of this thread if it is one of the workers.
    pub(super) fn schedule(self: &Arc<Shared>, task: Arc<Task>) {
        match self.own_worker() {
            Some(number) => self.queues.push_own(number, task),
            None => self.queues.push(task),
        }
        if self.stopping.load(Ordering::SeqCst) {
            self.discard_queued();
        }
    }
    // ANCHOR_END: schedule

    // ANCHOR: work
    fn work(self: Arc<Shared>, number: usize) {
        CURRENT.with(|current| current.set(Some((number, self.address()))));
        while let Some(task) = self.queues.next(number) {
            if self.stopping.load(Ordering::SeqCst) {
                task.discard();
            } else {
                task.run();
            }
        }
    }
    // ANCHOR_END: work

    /// Drops the tasks that are queued. The queues are closed: `next` does not sleep.
    fn discard_queued(self: &Arc<Shared>) {
        // The end of a task may wake another one, which comes here again. The call that is in progress drops that, too: a call
        // inside of a call for each task of a long row would overflow the stack.
        let outer = DISCARDING.with(|discarding| discarding.replace(self.address()));
        if outer != self.address() {
            while let Some(task) = self.queues.next(0) {
                task.discard();
            }
        }
        DISCARDING.with(|discarding| discarding.set(outer));
    }

    /// The number of the calling thread, if it is one of these workers.
    fn own_worker(self: &Arc<Shared>) -> Option<usize> {
        let (number, shared) = CURRENT.with(std::cell::Cell::get)?;
        (shared == self.address()).then_some(number)
    }

    /// What tells one executor from another while it lives.
    fn address(self: &Arc<Shared>) -> usize {
        Arc::as_ptr(self).addr()
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        // In this order: a thread that sees `stopping` takes what is queued as worker 0, and only the thread of that worker may do so
        // while the queues are open.
        self.shared.queues.close();
        self.shared.stopping.store(true, Ordering::SeqCst);
        let own = self.shared.own_worker();
        for (number, thread) in self.threads.drain(..).enumerate() {
            if own == Some(number) {
                continue; // One of its tasks drops it, and a thread cannot wait for its own end.
            }
            if let Err(panic) = thread.join()
                && !std::thread::panicking()
            {
                resume_unwind(panic);
            }
        }
        self.shared.discard_queued();
    }
}

/// A future that is ready with a task's result. Dropping it lets the task run on.
///
/// # Cancel safety
///
/// The result stays in the handle: if a future that borrows the handle is dropped, await it again.
///
/// # Panics
///
/// If it is polled again after it was ready.
#[must_use = "drop it explicitly to let the task run on by itself, or await it"]
pub struct JoinHandle<T> {
    receiver: Receiver<Result<T, Box<dyn Any + Send>>>,
}

/// Why a task has no result.
pub enum JoinError {
    /// It panicked, with this.
    Panicked(Box<dyn Any + Send>),
    /// It was dropped before it was ready.
    Dropped,
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.receiver)
            .poll(context)
            .map(|result| match result {
                Ok(result) => result.map_err(JoinError::Panicked),
                Err(_) => Err(JoinError::Dropped),
            })
    }
}

impl fmt::Debug for Workers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Workers")
            .field("threads", &self.threads.len())
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JoinError::Panicked(_) => out.write_str("Panicked(..)"),
            JoinError::Dropped => out.write_str("Dropped"),
        }
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            JoinError::Panicked(_) => "the task panicked",
            JoinError::Dropped => "the task was dropped before it was ready",
        })
    }
}

impl std::error::Error for JoinError {}
