//! The queue is a list behind a lock, with a condition for the writer, and the count stands beside it.

use std::fmt;
use std::io::{self, Write};

use crate::sync::thread::{self, JoinHandle};
use crate::sync::{Arc, Condvar, Mutex};

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
    lines: Option<Sender>,
    shared: Arc<Shared>,
    writer: Option<JoinHandle<(W, io::Result<()>)>>,
}

/// What waits in the queue.
struct Entry {
    /// How many lines were dropped since the entry before.
    missing: u64,
    line: String,
}

impl<W: Write + Send + 'static> LogQueue<W> {
    /// Starts the writer. At most `capacity` lines wait for it.
    ///
    /// # Errors
    ///
    /// If the system starts no thread.
    pub fn new(capacity: usize, target: W) -> io::Result<LogQueue<W>> {
        let shared = Arc::new(Shared {
            capacity,
            state: Mutex::new(State {
                lines: Default::default(),
                missing: 0,
                open: true,
                writer: true,
            }),
            changed: Condvar::new(),
        });
        let writers = Arc::clone(&shared);
        let writer = thread::Builder::new()
            .name("log".into())
            .spawn(move || write_all(target, &writers))?;
        Ok(LogQueue {
            lines: Some(Sender(Arc::clone(&shared))),
            shared,
            writer: Some(writer),
        })
    }

    /// Puts a line into the queue and returns `true`. If the queue is full, or the writer has ended after an
    /// error, counts the line as dropped and returns `false`. Never waits for the target.
    pub fn log(&self, line: impl Into<String>) -> bool {
        let Some(lines) = &self.lines else {
            return false;
        };
        let line = line.into();
        lines.push(line)
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

struct Sender(Arc<Shared>);
struct Shared {
    capacity: usize,
    state: Mutex<State>,
    changed: Condvar,
}
struct State {
    lines: std::collections::VecDeque<Entry>,
    missing: u64,
    open: bool,
    writer: bool,
}
impl Sender {
    fn push(&self, line: String) -> bool {
        let mut state = self.0.state.lock().unwrap();
        if !state.writer || state.lines.len() >= self.0.capacity {
            state.missing += 1;
            return false;
        }
        let missing = std::mem::take(&mut state.missing);
        state.lines.push_back(Entry { missing, line });
        drop(state);
        self.0.changed.notify_one();
        true
    }
}
impl Drop for Sender {
    fn drop(&mut self) {
        self.0.state.lock().unwrap().open = false;
        self.0.changed.notify_one();
    }
}
fn write_all<W: Write>(mut target: W, shared: &Shared) -> (W, io::Result<()>) {
    let end = write_entries(&mut target, shared);
    shared.state.lock().unwrap().writer = false;
    (target, end)
}
fn write_entries(target: &mut impl Write, shared: &Shared) -> io::Result<()> {
    loop {
        let mut state = shared.state.lock().unwrap();
        while state.lines.is_empty() && state.open {
            state = shared.changed.wait(state).unwrap();
        }
        let Some(entry) = state.lines.pop_front() else {
            let missing = std::mem::take(&mut state.missing);
            drop(state);
            say_missing(target, missing)?;
            return target.flush();
        };
        drop(state);
        say_missing(target, entry.missing)?;
        writeln!(target, "{}", entry.line)?;
    }
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
            .field("dropped", &self.shared.state.lock().unwrap().missing)
            .finish_non_exhaustive()
    }
}
