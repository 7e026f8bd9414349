//! Debug this program.
//! A program writes its log in batches: lines are kept in memory, and one task writes out
//! what has gathered, once a second. Whoever cannot wait asks for a flush. It works nearly always.
//! Sometimes a line for which somebody asked a flush is written a second late.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use event_loop::Timer;
use state_machines::race::race;

/// How long after its last look, or the end of its last write, the task looks for lines by itself.
pub const INTERVAL: Duration = Duration::from_secs(1);

/// Where the lines go in the end: a disk, or a network. It is somebody else's.
pub trait Sink {
    /// Writes these lines. It takes its time, and only one write may be going on at a time.
    fn write(&self, lines: Vec<String>) -> impl Future<Output = ()>;
}

/// The lines that wait to be written. A clone is the same log.
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
    /// Adds a line. It is written with the next batch: when somebody asks for a flush, or else when
    /// the task looks by itself.
    pub fn push(&self, line: &str) {
        self.waiting.lines.borrow_mut().push(line.to_owned());
    }

    /// Asks that what is waiting now be written: at once, or as soon as the write that is going on
    /// is over. It does not wait for that itself.
    pub fn flush(&self) {
        self.waiting.flush.set();
    }

    fn take(&self) -> Vec<String> {
        self.waiting.lines.take()
    }
}

/// The task that writes: runs for ever. Nothing is written when nothing waits, nor before its time,
/// and it sleeps meanwhile.
pub async fn write_out(log: Log, timer: impl Timer, sink: impl Sink) {
    loop {
        race(log.waiting.flush.wait(), timer.sleep(INTERVAL)).await;
        let lines = log.take();
        if !lines.is_empty() {
            sink.write(lines).await;
        }
        log.waiting.flush.clear();
    }
}

/// Something that has happened, or has not; asyncio's `Event`. It is for one who waits.
#[derive(Default)]
pub struct Event {
    happened: Cell<bool>,
    waiter: RefCell<Option<Waker>>,
}

impl Event {
    /// It has happened, and stays so until somebody clears it. Wakes who waits.
    pub fn set(&self) {
        self.happened.set(true);
        let waiter = self.waiter.take();
        if let Some(waker) = waiter {
            waker.wake();
        }
    }

    /// It has not happened, from now on.
    pub fn clear(&self) {
        self.happened.set(false);
    }

    /// Whether it has happened.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.happened.get()
    }

    /// Waits until it has happened: not at all if it has already.
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
