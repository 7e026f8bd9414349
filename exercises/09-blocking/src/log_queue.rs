//! A log whose slow target blocks a thread of its own, and never the caller.

use std::fmt;
use std::io::{self, Write};

use crate::sync::Arc;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::mpsc::{self, SyncSender};
use crate::sync::thread::{self, JoinHandle};

/// A log with a bounded queue, and a thread that writes its lines.
///
/// [`log`](LogQueue::log) takes no longer than a push to a queue, however slow the target is. When the queue
/// is full, the line is dropped and counted. The log says so where lines are missing, and at the end: `1 line
/// was dropped`, or `N lines were dropped`.
///
/// ```
/// use blocking::LogQueue;
///
/// let log = LogQueue::new(1_000, Vec::new()).unwrap();
/// assert!(log.log("started"));
/// let (target, end) = log.close();
/// assert_eq!(target, b"started\n");
/// assert!(end.is_ok());
/// ```
///
/// Dropping it closes it.
pub struct LogQueue<W> {
    /// `None` once it is closed.
    lines: Option<SyncSender<Entry>>,
    /// Lines that were dropped and that no entry of the queue tells of.
    dropped: Arc<AtomicU64>,
    writer: Option<JoinHandle<(W, io::Result<()>)>>,
}

/// What waits in the queue.
struct Entry {
    /// How many lines were dropped since the entry before.
    missing: u64,
    line: String,
}

impl<W: Write + Send + 'static> LogQueue<W> {
    /// Starts the writer. At most `capacity` lines wait for it. With a capacity of 0 no line waits: `log`
    /// drops each line, or takes one only while the writer has none.
    ///
    /// # Errors
    ///
    /// If the system starts no thread.
    pub fn new(capacity: usize, target: W) -> io::Result<LogQueue<W>> {
        let (lines, queue) = mpsc::sync_channel(capacity);
        let dropped = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&dropped);
        let writer = thread::Builder::new()
            .name("log".into())
            .spawn(move || write_all(target, &queue, &counted))?;
        Ok(LogQueue {
            lines: Some(lines),
            dropped,
            writer: Some(writer),
        })
    }

    /// Puts a line into the queue and returns `true`. If the queue is full, or the writer has ended after an
    /// error, counts the line as dropped and returns `false`. Never waits for the target.
    pub fn log(&self, line: impl Into<String>) -> bool {
        let Some(lines) = &self.lines else {
            return false;
        };
        let missing = self.dropped.load(Ordering::Relaxed);
        let line = line.into();
        lines.send(Entry { missing, line }).is_ok()
    }

    /// Writes what is in the queue, flushes the target and returns it, with the first error that writing to it
    /// had. Waits for the target: call it at the end, and from no task.
    pub fn close(mut self) -> (W, io::Result<()>) {
        self.end().expect("only this and the destructor end it")
    }

    /// Lets the writer come to its end, and waits for it. `None` if that has been done.
    fn end(&mut self) -> Option<(W, io::Result<()>)> {
        // The writer ends at the end of the queue, which comes when the sender is gone.
        self.lines = None;
        let writer = self.writer.take()?;
        Some(writer.join().expect("the writer does not panic"))
    }
}

/// What the writer does, until the queue is empty and has no sender any more.
fn write_all<W: Write>(
    mut target: W,
    queue: &mpsc::Receiver<Entry>,
    dropped: &AtomicU64,
) -> (W, io::Result<()>) {
    let end = write_entries(&mut target, queue, dropped);
    (target, end)
}

fn write_entries(
    target: &mut impl Write,
    queue: &mpsc::Receiver<Entry>,
    dropped: &AtomicU64,
) -> io::Result<()> {
    let _ = dropped;
    for entry in queue {
        say_missing(target, entry.missing)?;
        writeln!(target, "{}", entry.line)?;
    }
    target.flush()
}

fn say_missing(target: &mut impl Write, count: u64) -> io::Result<()> {
    match count {
        0 => Ok(()),
        1 => writeln!(target, "1 line was dropped"),
        count => writeln!(target, "{count} lines were dropped"),
    }
}

impl<W> Drop for LogQueue<W> {
    fn drop(&mut self) {
        // The writer sees the end of the queue.
        self.lines = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl<W> fmt::Debug for LogQueue<W> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("LogQueue")
            .field("dropped", &self.dropped.load(Ordering::Relaxed))
            .finish_non_exhaustive()
    }
}
