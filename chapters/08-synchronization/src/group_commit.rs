//! One write to the disk for the records of many writers.

// YOURS
use std::cell::RefCell;
// YOURS_END
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
// YOURS
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use synchronization::Notify;
use wakers::oneshot::{self, Receiver, Sender};

// STUB: use std::task::{Context, Poll};
// STUB:
// YOURS_END
/// Where records become durable. It is caller-supplied code.
pub trait Disk<R> {
    /// Writes these records in this order, which takes time. They are durable when it returns `Ok`.
    /// Only one write may be in progress.
    fn write(&self, records: Vec<R>) -> impl Future<Output = io::Result<()>>;
}

/// Records that wait for the next write. A clone is the same journal.
///
/// A write to the disk takes as long for one record as for a hundred. So [`write_out`] writes in one
/// batch everything that was appended during the write before it. Databases call that *group commit*.
///
/// The journal calls no waker and drops no record while its state is borrowed: a woken writer may
/// append at once.
///
/// ```
/// use std::io;
/// use event_loop::EventLoop;
/// use synchronization::group_commit::{Disk, Journal, write_out};
///
/// struct Paper;
///
/// impl Disk<&'static str> for Paper {
///     async fn write(&self, records: Vec<&'static str>) -> io::Result<()> {
///         assert_eq!(records, ["a", "b"]);
///         Ok(())
///     }
/// }
///
/// let event_loop = EventLoop::new();
/// let journal = Journal::new();
/// drop(event_loop.handle().spawn(write_out(&journal, Paper)));
/// let (a, b) = (journal.append("a"), journal.append("b"));
/// assert_eq!(event_loop.block_on(a), Ok(()));
/// assert_eq!(event_loop.block_on(b), Ok(()));
/// ```
// ANCHOR: journal
pub struct Journal<R> {
    // YOURS
    shared: Rc<Shared<R>>,
    // STUB: records: Vec<R>, // Yours to replace.
    // YOURS_END
}
// YOURS

struct Shared<R> {
    state: RefCell<State<R>>,
    /// Notified when there is something to do for [`write_out`].
    changed: Notify,
}

struct State<R> {
    waiting: Vec<Entry<R>>,
    closed: bool,
}

/// A record, and the writer that waits for it.
struct Entry<R> {
    record: R,
    writer: Sender<Result<(), NotDurable>>,
}

impl<R> Shared<R> {
    fn push(&self, entry: Entry<R>) -> Result<(), Entry<R>> {
        let mut state = self.state.borrow_mut();
        if state.closed {
            return Err(entry);
        }
        state.waiting.push(entry);
        Ok(())
    }
}
// YOURS_END
// ANCHOR_END: journal

impl<R> Journal<R> {
    /// A journal without records.
    #[must_use]
    pub fn new() -> Journal<R> {
        // YOURS
        let state = State {
            waiting: Vec::new(),
            closed: false,
        };
        Journal {
            shared: Rc::new(Shared {
                state: RefCell::new(state),
                changed: Notify::new(),
            }),
        }
        // STUB: todo!("what do the writers and the writing task share?")
        // YOURS_END
    }

    /// Appends a record at once, behind those that were appended earlier. The future is ready when
    /// this record is durable, or will not be.
    ///
    /// If the journal is closed, the record is dropped, and the future is ready with
    /// [`NotDurable::Closed`].
    // ANCHOR: append
    pub fn append(&self, record: R) -> Durable {
        // YOURS
        let (writer, answer) = oneshot::channel();
        let entry = Entry { record, writer };
        match self.shared.push(entry) {
            Ok(()) => self.shared.changed.notify_one(),
            Err(refused) => drop(refused.writer.send(Err(NotDurable::Closed))),
        }
        Durable { answer }
        // STUB: todo!("queue the record; how does its writer learn of the outcome?")
        // YOURS_END
    }
    // ANCHOR_END: append

    /// Accepts no more records. [`write_out`] writes those that wait, in one batch, and completes.
    pub fn close(&self) {
        // YOURS
        self.shared.state.borrow_mut().closed = true;
        self.shared.changed.notify_one();
        // STUB: todo!("what has to learn of it?")
        // YOURS_END
    }
    // YOURS

    /// All records that wait, once there are any; `None` once the journal is closed and empty.
    async fn next_batch(&self) -> Option<Vec<Entry<R>>> {
        loop {
            {
                let mut state = self.shared.state.borrow_mut();
                if !state.waiting.is_empty() {
                    return Some(std::mem::take(&mut state.waiting));
                }
                if state.closed {
                    return None;
                }
            }
            self.shared.changed.notified().await;
        }
    }

    /// No write will follow.
    fn stop(&self) {
        let mut state = self.shared.state.borrow_mut();
        state.closed = true;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        // Dropping the senders wakes the writers, which get `Stopped`.
        drop(waiting);
    }
    // YOURS_END
}

/// The writing task of a journal; each journal has one. While there are records, it writes them in
/// batches, one write at a time: a batch is *all* records that wait when its write begins. Every
/// writer learns the outcome of the write that had its record, and of no other. A write that fails
/// is not repeated, and later batches are written as usual.
///
/// Completes when the journal is closed and all its records are written.
///
/// # Cancel safety
///
/// If it is dropped, polled before or not, or if the disk panics, the journal is closed, and every
/// record whose outcome is not known gets [`NotDurable::Stopped`].
// ANCHOR: write_out
pub fn write_out<R, D: Disk<R>>(
    journal: &Journal<R>,
    disk: D,
) -> impl Future<Output = ()> + use<R, D> {
    // YOURS
    let journal = StopsWhenDropped(journal.clone());
    async move {
        while let Some(batch) = journal.0.next_batch().await {
            let (records, writers): (Vec<_>, Vec<_>) = batch
                .into_iter()
                .map(|entry| (entry.record, entry.writer))
                .unzip();
            let written = disk.write(records).await;
            let outcome = written.map_err(|error| NotDurable::Failed(error.kind()));
            for writer in writers {
                // A writer that was cancelled does not need the outcome.
                let _cancelled = writer.send(outcome);
            }
        }
    }
    // STUB: let journal = journal.clone();
    // STUB: async move { todo!("take all records that wait, write them, tell their writers") }
    // YOURS_END
}
// YOURS

struct StopsWhenDropped<R>(Journal<R>);

impl<R> Drop for StopsWhenDropped<R> {
    fn drop(&mut self) {
        self.0.stop();
    }
}
// YOURS_END
// ANCHOR_END: write_out

/// The outcome of one record's write. See [`Journal::append`].
///
/// # Cancel safety
///
/// Dropping it does not withdraw the record: it is written anyway, and the other writers learn
/// of their outcomes as if nothing had happened.
///
/// # Panics
///
/// If it is polled again after it was ready.
#[must_use = "the record is appended, but its outcome is lost"]
pub struct Durable {
    // YOURS
    answer: Receiver<Result<(), NotDurable>>,
    // STUB: outcome: Option<Result<(), NotDurable>>, // Yours to replace.
    // YOURS_END
}

impl Future for Durable {
    type Output = Result<(), NotDurable>;

    /// Wakes the task that polled last.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // YOURS
        let answer = ready!(Pin::new(&mut self.answer).poll(context));
        // The writing task drops the other half without an answer when it stops.
        Poll::Ready(answer.unwrap_or(Err(NotDurable::Stopped)))
        // STUB: todo!("is the outcome known?")
        // YOURS_END
    }
}

/// Why a record is not known to be durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotDurable {
    /// The write that had it failed with an error of this kind.
    Failed(io::ErrorKind),
    /// The journal was closed before it was appended.
    Closed,
    /// The writing task stopped before the outcome was known.
    Stopped,
}

impl fmt::Display for NotDurable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotDurable::Failed(kind) => write!(out, "the write failed: {kind}"),
            NotDurable::Closed => out.write_str("the journal is closed"),
            NotDurable::Stopped => out.write_str("the writing task has stopped"),
        }
    }
}

impl std::error::Error for NotDurable {}

impl<R> Clone for Journal<R> {
    fn clone(&self) -> Journal<R> {
        // YOURS
        Journal {
            shared: Rc::clone(&self.shared),
        }
        // STUB: todo!("a clone is the same journal")
        // YOURS_END
    }
}

impl<R> Default for Journal<R> {
    fn default() -> Journal<R> {
        Journal::new()
    }
}

impl<R> fmt::Debug for Journal<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Journal")
    }
}

impl fmt::Debug for Durable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Durable")
    }
}
