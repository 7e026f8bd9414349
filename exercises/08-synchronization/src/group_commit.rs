//! One write to the disk for the records of many writers.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

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
pub struct Journal<R> {
    records: Vec<R>, // Yours to replace.
}

impl<R> Journal<R> {
    /// A journal without records.
    #[must_use]
    pub fn new() -> Journal<R> {
        todo!("what do the writers and the writing task share?")
    }

    /// Appends a record at once, behind those that were appended earlier. The future is ready when
    /// this record is durable, or will not be.
    ///
    /// If the journal is closed, the record is dropped, and the future is ready with
    /// [`NotDurable::Closed`].
    pub fn append(&self, record: R) -> Durable {
        todo!("queue the record; how does its writer learn of the outcome?")
    }

    /// Accepts no more records. [`write_out`] writes those that wait, in one batch, and completes.
    pub fn close(&self) {
        todo!("what has to learn of it?")
    }
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
pub fn write_out<R, D: Disk<R>>(
    journal: &Journal<R>,
    disk: D,
) -> impl Future<Output = ()> + use<R, D> {
    let journal = journal.clone();
    async move { todo!("take all records that wait, write them, tell their writers") }
}

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
    outcome: Option<Result<(), NotDurable>>, // Yours to replace.
}

impl Future for Durable {
    type Output = Result<(), NotDurable>;

    /// Wakes the task that polled last.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        todo!("is the outcome known?")
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
        todo!("a clone is the same journal")
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
