//! The threads of the model on which a pool is tried, and what its jobs do.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::super::subject::{Job, Limits, ThreadPool};
use probe::{Event, Run, What};
use probe_model::sync::thread::{self, Thread, ThreadId};
use probe_model::sync::{Arc, Mutex};
use probe_model::{Blame, Ending, ending};

/// A thread that waits for a job waits as long as it takes.
pub(crate) const FOREVER: Duration = Duration::MAX;

pub(crate) const BUSY: Blame<'static> = Blame {
    mistake: Some("busy-poll"),
    sentence: "A thread of the pool looks for a job again and again, and does not sleep.",
};

pub(crate) const NO_RESULT: Blame<'static> = Blame {
    mistake: None,
    sentence: "All threads sleep, and the task that waits for the job was not woken.",
};

/// A pool with the name `jobs`.
pub(crate) fn pool(threads: usize, idle: Duration) -> ThreadPool {
    ThreadPool::new("jobs", Limits { threads, idle })
}

/// Waits until the threads of a pool have ended. It needs no `close`: their idle time is zero, so they end by themselves.
pub(crate) fn end(pool: &ThreadPool) {
    while pool.threads() > 0 {
        thread::yield_now();
    }
}

/// Submits a job that records its start and its end.
pub(crate) fn submit<T: Send + 'static>(
    run: &Run,
    pool: &ThreadPool,
    name: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Job<T> {
    let recorder = run.recorder().clone();
    recorder.says("caller", format!("submits {name}"));
    let submitted = pool.submit(move || {
        recorder.says(name, "starts");
        let output = work();
        recorder.says(name, "returns");
        output
    });
    match submitted {
        Ok(job) => job,
        Err(_) => run.departs(format!("The pool is open, and `submit` refused {name}.")),
    }
}

/// Blocks this thread of the model until the future is ready.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let woken = Arc::new(Unpark::here());
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        while !woken.called.swap(false, Ordering::SeqCst) {
            thread::park();
        }
    }
}

/// Polls once, with a waker that does nothing.
pub(crate) fn look<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

struct Unpark {
    thread: Thread,
    called: AtomicBool,
}

impl Unpark {
    fn here() -> Unpark {
        Unpark {
            thread: thread::current(),
            called: AtomicBool::new(false),
        }
    }
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.called.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

/// Lets the other threads go on for a while.
pub(crate) fn give_way() {
    for _ in 0..40 {
        thread::yield_now();
    }
}

/// How far one run came.
pub(crate) struct Tried {
    pub(crate) run: Run,
    /// `None` if the body returned. Threads of the pool may sleep then.
    pub(crate) stopped: Option<Stopped>,
}

pub(crate) enum Stopped {
    Asleep,
    Panicked(String),
}

/// Runs `body` once.
pub(crate) fn tried(
    run: impl Fn() -> Run + Send + Sync + 'static,
    body: impl Fn(&Run) + Send + Sync + 'static,
) -> Tried {
    let returned = Arc::new(AtomicBool::new(false));
    let at_the_end = Arc::clone(&returned);
    let (run, end) = ending(run, BUSY, move |run| {
        body(run);
        at_the_end.store(true, Ordering::SeqCst);
    });
    let stopped = match end {
        Ending::Panicked(panic) => Some(Stopped::Panicked(panic.message)),
        Ending::Asleep if !returned.load(Ordering::SeqCst) => Some(Stopped::Asleep),
        Ending::Asleep | Ending::Returned => None,
    };
    Tried { run, stopped }
}

impl Tried {
    /// The run, if its body returned.
    #[track_caller]
    pub(crate) fn returned(self, asleep: Blame<'_>) -> Run {
        match self.stopped {
            None => self.run,
            Some(Stopped::Panicked(message)) => self.run.departs(format!(
                "A thread panicked: {}.",
                message.trim_end_matches('.')
            )),
            Some(Stopped::Asleep) => match asleep.mistake {
                Some(mistake) => self.run.diagnose(mistake, asleep.sentence),
                None => self.run.departs(asleep.sentence),
            },
        }
    }
}

/// How many jobs have recorded `what` as their last event.
pub(crate) fn jobs_that(run: &Run, what: &str) -> usize {
    let events = run.recorder().recording().events;
    let says = |event: &&Event| matches!(&event.what, What::Says(text) if text == what);
    events.iter().filter(says).count()
}

/// The threads that jobs ran on.
#[derive(Clone, Default)]
pub(crate) struct Threads(Arc<std::sync::Mutex<Vec<ThreadId>>>);

impl Threads {
    /// A job that notes its thread.
    pub(crate) fn note(&self) {
        let id = thread::current().id();
        let mut ids = self.0.lock().unwrap();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// A job stops here until the gate is opened.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<bool>, probe_model::sync::Condvar)>);

impl Gate {
    pub(crate) fn pass(&self) {
        let (open, opened) = &*self.0;
        let mut open = open.lock().unwrap();
        while !*open {
            open = opened.wait(open).unwrap();
        }
    }

    pub(crate) fn open(&self) {
        let (open, opened) = &*self.0;
        *open.lock().unwrap() = true;
        opened.notify_all();
    }
}
