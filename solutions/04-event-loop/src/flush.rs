//! Debug this program.
//! A program writes its log in batches: it keeps the lines in memory, and one task writes them out
//! once a second, or when another task requests a flush. Mostly this works. Sometimes a line whose
//! flush was requested is written a second late.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use event_loop::Timer;
use state_machines::race::race;

/// How long a line waits at most if no flush is requested. The time counts from the push of the line,
/// or from the end of the write that is in progress then.
pub const INTERVAL: Duration = Duration::from_secs(1);

/// Where the lines are written: a disk or a network. It is caller-supplied code.
pub trait Sink {
    /// Writes these lines, which takes time. Only one write may be in progress, and dropping it early
    /// loses its lines.
    fn write(&self, lines: Vec<String>) -> impl Future<Output = ()>;
}

/// The lines to be written. A clone is the same log.
#[derive(Clone, Default)]
pub struct Log {
    waiting: Rc<Waiting>,
}

#[derive(Default)]
struct Waiting {
    lines: RefCell<Vec<String>>,
    flush: Event,
}

impl Log {
    /// Adds a line. The next batch contains it: when a flush is requested, or else after
    /// [`INTERVAL`].
    pub fn push(&self, line: &str) {
        self.waiting.lines.borrow_mut().push(line.to_owned());
    }

    /// Requests that the lines pushed so far be written: at once, or as soon as the write in progress
    /// has ended. Does not wait for that. The request is for these lines, and not for later ones.
    pub fn flush(&self) {
        self.waiting.flush.set();
    }

    fn take(&self) -> Vec<String> {
        self.waiting.lines.take()
    }
}

/// The writing task; it never returns. It writes a batch only if there are lines, and only if a flush
/// was requested or [`INTERVAL`] has passed. Otherwise it sleeps. A spurious poll changes nothing.
pub async fn write_out(log: Log, timer: impl Timer, sink: impl Sink) {
    // YOURS
    loop {
        race(log.waiting.flush.wait(), timer.sleep(INTERVAL)).await;
        // From here on a request is one for the next batch.
        log.waiting.flush.clear();
        let lines = log.take();
        if !lines.is_empty() {
            sink.write(lines).await;
        }
    }
    // STUB: loop {
    // STUB:     race(log.waiting.flush.wait(), timer.sleep(INTERVAL)).await;
    // STUB:     let lines = log.take();
    // STUB:     if !lines.is_empty() {
    // STUB:         sink.write(lines).await;
    // STUB:     }
    // STUB:     log.waiting.flush.clear();
    // STUB: }
    // YOURS_END
}

/// A flag to wait for, like asyncio's `Event`. Here one task at a time may wait.
#[derive(Default)]
pub struct Event {
    happened: Cell<bool>,
    waiter: RefCell<Option<Waker>>,
}

impl Event {
    /// Sets the flag, until it is cleared, and wakes the waiting task.
    pub fn set(&self) {
        self.happened.set(true);
        let waiter = self.waiter.take();
        if let Some(waker) = waiter {
            waker.wake();
        }
    }

    /// Clears the flag.
    pub fn clear(&self) {
        self.happened.set(false);
    }

    /// Whether the flag is set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.happened.get()
    }

    /// Completes when the flag is set: at once if it is set already.
    pub fn wait(&self) -> impl Future<Output = ()> + '_ {
        poll_fn(|context| {
            if self.is_set() {
                return Poll::Ready(());
            }
            let _older = self.waiter.replace(Some(context.waker().clone()));
            Poll::Pending
        })
    }
}
