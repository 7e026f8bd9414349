//! What several tests need.

use std::sync::mpsc;
use std::time::Duration;

use blocking::{Limits, ThreadPool};

/// Long enough that no idle thread ends during a test.
pub(crate) const LONG: Duration = Duration::from_secs(3_600);

/// A pool whose threads do not end while it is open.
pub(crate) fn pool(threads: usize) -> ThreadPool {
    let limits = Limits {
        threads,
        idle: LONG,
    };
    ThreadPool::new("test", limits)
}

/// A job that runs until the gate is opened.
pub(crate) struct Gate {
    open: mpsc::Sender<()>,
    started: mpsc::Receiver<()>,
}

impl Gate {
    /// A gate, and the work of the job that it stops.
    pub(crate) fn new() -> (Gate, impl FnOnce() + Send + 'static) {
        let (open, opened) = mpsc::channel();
        let (says, started) = mpsc::channel();
        let work = move || {
            says.send(()).expect("the test waits for the start");
            opened.recv().expect("the test opens the gate");
        };
        (Gate { open, started }, work)
    }

    /// Waits until a thread runs the job.
    pub(crate) fn until_started(&self) {
        self.started.recv().expect("a thread runs the job");
    }

    /// Lets the job return.
    pub(crate) fn open(&self) {
        self.open.send(()).expect("the job waits at the gate");
    }
}
