//! Threads that run blocking jobs.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::io;
// YOURS
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
// YOURS_END
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use wakers::oneshot;

// YOURS
use crate::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, thread};
// STUB: // Locks and threads: from `crate::sync`. The check replaces that module by its own.
// STUB: use crate::sync::{Arc, Condvar, Mutex, thread};
// YOURS_END

/// How large a pool may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest number of threads.
    pub threads: usize,
    /// How long a thread waits for a job before it ends.
    pub idle: Duration,
}

/// Threads that run blocking jobs, one job at a time each, in the order of their submission.
///
/// The pool starts a thread when a job is submitted, no thread is free for it, and
/// [`Limits::threads`] allows one more. A thread that has had no job for [`Limits::idle`] ends.
///
/// Dropping the pool closes it as [`Pending::Drop`] does, and does not wait for its threads.
///
/// ```
/// use blocking::{Limits, ThreadPool};
/// use std::time::Duration;
///
/// let limits = Limits { threads: 4, idle: Duration::from_secs(10) };
/// let pool = ThreadPool::new("jobs", limits);
/// let job = pool.submit(|| 6 * 7).unwrap();
/// assert_eq!(wakers::block_on(job).unwrap(), 42);
/// ```
pub struct ThreadPool {
    shared: Arc<Shared>,
}

/// What a closing pool does with the jobs that no thread has started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// Its threads run them, and end then.
    Run,
    /// It drops them; each [`Job`] is ready with [`JobError::Abandoned`].
    Drop,
}

/// Why a pool did not take a job, and the work itself.
pub struct Refused<F> {
    /// What was not run.
    pub work: F,
    /// The reason.
    pub reason: Reason,
}

/// Why a pool did not take a job.
#[derive(Debug)]
pub enum Reason {
    /// The pool is closed.
    Closed,
    /// The pool has no thread, and the system started none.
    NoThread(io::Error),
}

impl ThreadPool {
    /// A pool without a thread yet. Its threads have the names `NAME 1`, `NAME 2` and so on. No two threads have the
    /// same name at the same time.
    ///
    /// # Panics
    ///
    /// If `limits` allow no thread.
    pub fn new(name: &str, limits: Limits) -> ThreadPool {
        assert!(limits.threads > 0, "a pool needs a thread");
        let shared = Shared {
            name: name.into(),
            limits,
            state: Mutex::default(),
            job_or_close: Condvar::new(),
        };
        ThreadPool {
            shared: Arc::new(shared),
        }
    }

    /// Puts a job into the queue, and starts a thread for it if none is free.
    ///
    /// A panic of `work` does not end the thread: the [`Job`] receives it. Neither does a panic of the waker that the result calls, or of
    /// the destructor of a result whose `Job` was dropped.
    ///
    /// # Errors
    ///
    /// If the pool is closed, or has no thread and cannot start one. `work` is in the error.
    pub fn submit<T, F>(&self, work: F) -> Result<Job<T>, Refused<F>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        // YOURS
        let mut state = self.shared.lock();
        if let Err(reason) = self.shared.prepare(&mut state) {
            drop(state);
            return Err(Refused { work, reason });
        }
        let number = state.next_number;
        state.next_number += 1;
        let (sender, result) = oneshot::channel();
        let run = Box::new(move || {
            let outcome = catch_unwind(AssertUnwindSafe(work));
            // Fails if the `Job` was dropped. The outcome is dropped then, here on this thread. Its destructor may
            // panic, and so may a waker; the payload of that panic is leaked, because its destructor may panic, too.
            let sent = catch_unwind(AssertUnwindSafe(|| drop(sender.send(outcome))));
            let _ = sent.map_err(mem::forget);
        });
        state.queue.push_back(Queued { number, run });
        drop(state);
        self.shared.job_or_close.notify_one();
        let pool = Arc::clone(&self.shared);
        Ok(Job {
            number: Some(number),
            pool,
            result: Some(result),
        })
        // STUB: let (sender, result) = oneshot::channel::<thread::Result<T>>();
        // STUB: todo!("queue the work, and start a thread if no thread is free for it")
        // YOURS_END
    }

    /// Refuses further jobs, does with the queue as `pending` says, and has each thread end when it finds
    /// no job. Returns at once; [`ended`](ThreadPool::ended) waits. A second call can still drop what
    /// the first left to run.
    pub fn close(&self, pending: Pending) {
        // YOURS
        self.shared.close(pending);
        // STUB: todo!("no further jobs, and no thread that waits for one")
        // YOURS_END
    }

    /// A future that is ready when the pool is closed and its last thread has finished its last job.
    pub fn ended(&self) -> Ended {
        let shared = Arc::clone(&self.shared);
        Ended { shared }
    }

    /// The number of threads: started, and not ended.
    #[must_use]
    pub fn threads(&self) -> usize {
        // YOURS
        self.shared.lock().threads
        // STUB: todo!("how many are there?")
        // YOURS_END
    }

    /// The number of jobs that no thread has started.
    #[must_use]
    pub fn queued(&self) -> usize {
        // YOURS
        self.shared.lock().queue.len()
        // STUB: todo!("how many wait?")
        // YOURS_END
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        // YOURS
        self.shared.close(Pending::Drop);
        // STUB: // What becomes of its threads?
        // YOURS_END
    }
}

/// A job of a pool: a future of its result.
///
/// # Cancel safety
///
/// Dropping it cancels a job that no thread has started. A job that a thread has started runs to its
/// end, because a thread cannot be stopped, and its result is dropped on that thread.
///
/// # Panics
///
/// If it is polled again after it was ready.
#[must_use = "dropping it cancels the job if it has not started; call `detach` to let it run"]
pub struct Job<T> {
    /// `None` if dropping this must not cancel the job.
    number: Option<u64>,
    pool: Arc<Shared>,
    /// `None` only in the destructor.
    result: Option<oneshot::Receiver<thread::Result<T>>>,
}

/// Why a job has no result.
pub enum JobError {
    /// It panicked, with this.
    Panicked(Box<dyn Any + Send>),
    /// It was dropped before a thread started it: by [`Job::cancel`], or by [`Pending::Drop`].
    Abandoned,
}

impl<T> Job<T> {
    /// Removes the job from the queue and drops its work. Returns `false`, and changes nothing, if a thread
    /// has started it. After `true` the job is ready with [`JobError::Abandoned`].
    pub fn cancel(&self) -> bool {
        // YOURS
        self.number.is_some_and(|number| self.pool.withdraw(number))
        // STUB: todo!("remove it from the queue, if it is still there")
        // YOURS_END
    }

    /// Lets the job run, and its result be dropped.
    pub fn detach(mut self) {
        self.number = None;
    }
}

impl<T> Future for Job<T> {
    type Output = Result<T, JobError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let result = self.result.as_mut().expect("only the destructor takes it");
        Pin::new(result).poll(context).map(|result| match result {
            Ok(outcome) => outcome.map_err(JobError::Panicked),
            Err(oneshot::Closed) => Err(JobError::Abandoned),
        })
    }
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        // YOURS
        // The receiver goes first: a job that is dropped in the queue would wake its waiter.
        self.result = None;
        self.cancel();
        // STUB: // What becomes of a job in the queue?
        // YOURS_END
    }
}

/// Waits for the end of a pool: see [`ThreadPool::ended`].
///
/// # Cancel safety
///
/// Nothing is lost: call `ended` again.
#[must_use = "it does nothing until it is polled"]
pub struct Ended {
    shared: Arc<Shared>,
}

impl Future for Ended {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // YOURS
        let mut state = self.shared.lock();
        if state.has_ended() {
            return Poll::Ready(());
        }
        let waker = context.waker();
        if !state.waiting.iter().any(|known| known.will_wake(waker)) {
            state.waiting.push(waker.clone());
        }
        Poll::Pending
        // STUB: todo!("has it ended? if not, which task will the last thread wake?")
        // YOURS_END
    }
}

/// What the pool, its threads and its jobs share.
struct Shared {
    name: Box<str>,
    limits: Limits,
    state: Mutex<State>,
    /// Notified at a new job, of one thread, and at the end, of all.
    job_or_close: Condvar,
}

#[derive(Default)]
struct State {
    /// In the order of their numbers.
    queue: VecDeque<Queued>,
    /// Started, and not ended.
    threads: usize,
    closed: bool,
    /// Tasks that wait for the end.
    waiting: Vec<Waker>,
    // YOURS
    /// Threads that run a job. All others take one before they sleep again.
    busy: usize,
    /// How many threads were ever started, for their names.
    names: usize,
    next_number: u64,
    // STUB: // What else do the threads, and the jobs, have to know? Change all of this as you like.
    // YOURS_END
}

/// A job that no thread has started.
struct Queued {
    number: u64,
    run: Box<dyn FnOnce() + Send>,
}
// YOURS

impl State {
    fn has_ended(&self) -> bool {
        self.closed && self.threads == 0
    }

    /// The wakers of the tasks that wait for the end, if it has come.
    fn at_the_end(&mut self) -> Vec<Waker> {
        match self.has_ended() {
            true => mem::take(&mut self.waiting),
            false => Vec::new(),
        }
    }
}

impl Shared {
    // ANCHOR: prepare
    /// Makes sure that a thread will take one more job.
    fn prepare(self: &Arc<Self>, state: &mut State) -> Result<(), Reason> {
        if state.closed {
            return Err(Reason::Closed);
        }
        let free = state.threads - state.busy;
        if state.queue.len() < free || state.threads == self.limits.threads {
            return Ok(());
        }
        match self.start_thread(state.names + 1) {
            Err(error) if state.threads == 0 => return Err(Reason::NoThread(error)),
            // The threads that there are take the job later.
            Err(_) => {}
            Ok(()) => {
                state.names += 1;
                state.threads += 1;
            }
        }
        Ok(())
    }
    // ANCHOR_END: prepare

    fn start_thread(self: &Arc<Self>, number: usize) -> io::Result<()> {
        let shared = Arc::clone(self);
        let name = format!("{} {number}", self.name);
        let thread = thread::Builder::new().name(name);
        thread.spawn(move || shared.run_jobs()).map(drop)
    }

    /// What each thread does.
    fn run_jobs(&self) {
        while let Some(job) = self.next_job() {
            (job.run)();
            self.lock().busy -= 1;
        }
    }

    // ANCHOR: next_job
    /// Waits for a job. `None` if this thread is to end; the pool no longer counts it then.
    fn next_job(&self) -> Option<Queued> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.queue.pop_front() {
                state.busy += 1;
                return Some(job);
            }
            if state.closed {
                break;
            }
            let wait = self.job_or_close.wait_timeout(state, self.limits.idle);
            let (again, result) = wait.unwrap_or_else(PoisonError::into_inner);
            state = again;
            if result.timed_out() && state.queue.is_empty() {
                break;
            }
        }
        state.threads -= 1;
        let wakers = state.at_the_end();
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        None
    }
    // ANCHOR_END: next_job

    /// Removes a job that no thread has started. Its destructor runs here, outside of the lock.
    fn withdraw(&self, number: u64) -> bool {
        let mut state = self.lock();
        let place = state.queue.binary_search_by_key(&number, |job| job.number);
        let job = place.ok().and_then(|place| state.queue.remove(place));
        drop(state);
        job.is_some()
    }

    fn close(&self, pending: Pending) {
        let mut state = self.lock();
        state.closed = true;
        let dropped = match pending {
            Pending::Run => VecDeque::new(),
            Pending::Drop => mem::take(&mut state.queue),
        };
        let wakers = state.at_the_end();
        drop(state);
        self.job_or_close.notify_all();
        drop(dropped);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Ignores poisoning: no caller-supplied code runs under this lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
// YOURS_END

impl<F> Refused<F> {
    /// One sentence.
    fn sentence(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::Closed => out.write_str("the pool is closed"),
            Reason::NoThread(error) => write!(out, "the pool could not start a thread: {error}"),
        }
    }
}

impl<F> fmt::Display for Refused<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence(out)
    }
}

impl<F> fmt::Debug for Refused<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence(out)
    }
}

impl<F> std::error::Error for Refused<F> {}

impl fmt::Display for JobError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JobError::Panicked(_) => out.write_str("the job panicked"),
            JobError::Abandoned => out.write_str("the job was dropped before a thread started it"),
        }
    }
}

impl fmt::Debug for JobError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl std::error::Error for JobError {}

impl fmt::Debug for ThreadPool {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ThreadPool")
            .field("name", &self.shared.name)
            .field("limits", &self.shared.limits)
            .field("threads", &self.threads())
            .field("queued", &self.queued())
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Job<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Job")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}
