//! A client of a stock database that many tasks share. Some of them report the stock of another article.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use futures::io::{AsyncRead, AsyncWrite};

/// A database that answers each line with one line, in the order of the lines. A clone is the same database.
///
/// ```text
/// client   bolts
/// client   nuts
/// server   1200
/// server   0
/// ```
#[derive(Clone, Default)]
pub struct Database {
    shared: Rc<RefCell<Shared>>,
}

/// The connection is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost;

#[derive(Default)]
struct Shared {
    /// The inquiries in the order in which they were made.
    entries: VecDeque<Entry>,
    next_number: u64,
    connection: Option<Waker>,
    lost: bool,
}

struct Entry {
    number: u64,
    line: Vec<u8>,
    /// How many bytes of the line the stream has taken.
    written: usize,
    answer: Option<String>,
    caller: Option<Waker>,
}

impl Entry {
    /// Whether the server has the line, and its answer has not come.
    fn is_sent(&self) -> bool {
        self.written == self.line.len() && self.answer.is_none()
    }
}

impl Database {
    /// The database at the other end of `stream`, and the future that moves the bytes.
    pub fn new<S>(stream: S) -> (Database, Connection<S>) {
        let database = Database::default();
        let connection = Connection {
            stream,
            shared: Rc::clone(&database.shared),
            incoming: Vec::new(),
        };
        (database, connection)
    }

    /// Asks for the stock of an article, whose name has no `\n`. Inquiries are sent in the order of these calls, without
    /// waiting for earlier answers.
    ///
    /// # Cancel safety
    ///
    /// If the inquiry is dropped before the first byte of its line is written, no byte of it is sent. If it is dropped
    /// later, the rest of the line is sent, and its answer is dropped. In both cases every other inquiry gets its own
    /// answer.
    pub fn stock(&self, article: &str) -> Inquiry {
        let mut shared = self.shared.borrow_mut();
        let number = shared.next_number;
        shared.next_number += 1;
        if !shared.lost {
            shared.entries.push_back(Entry {
                number,
                line: format!("{article}\n").into_bytes(),
                written: 0,
                answer: None,
                caller: None,
            });
        }
        let connection = shared.connection.take();
        drop(shared);
        if let Some(connection) = connection {
            connection.wake();
        }
        Inquiry {
            shared: Rc::clone(&self.shared),
            number,
        }
    }

    /// How many inquiries the database still keeps: those whose answers have not come, or were not taken by their callers.
    #[must_use]
    pub fn open_inquiries(&self) -> usize {
        self.shared.borrow().entries.len()
    }
}

/// An inquiry whose answer has not come. See [`Database::stock`].
///
/// # Errors
///
/// [`Lost`] if the connection is lost.
#[must_use = "a future does nothing unless it is awaited"]
pub struct Inquiry {
    shared: Rc<RefCell<Shared>>,
    number: u64,
}

impl Future for Inquiry {
    type Output = Result<String, Lost>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<String, Lost>> {
        let mut shared = self.shared.borrow_mut();
        let place = shared.place_of(self.number);
        let Some(place) = place else {
            return Poll::Ready(Err(Lost));
        };
        match shared.entries[place].answer.take() {
            Some(answer) => {
                shared.entries.remove(place);
                Poll::Ready(Ok(answer))
            }
            None => {
                let older = (shared.entries[place].caller).replace(context.waker().clone());
                drop(shared);
                drop(older);
                Poll::Pending
            }
        }
    }
}

impl Drop for Inquiry {
    fn drop(&mut self) {
        let mut shared = self.shared.borrow_mut();
        let Some(place) = shared.place_of(self.number) else {
            return;
        };
        // Its caller has gone.
        let removed = shared.entries.remove(place);
        drop(shared);
        drop(removed);
    }
}

impl Shared {
    fn place_of(&self, number: u64) -> Option<usize> {
        let mut entries = self.entries.iter();
        entries.position(|entry| entry.number == number)
    }

    /// Gives the answer to the oldest inquiry that the server has and has not answered. Returns the waker of its caller.
    fn deliver(&mut self, answer: String) -> io::Result<Option<Waker>> {
        let place = self.entries.iter().position(Entry::is_sent);
        let place = place.ok_or(ErrorKind::InvalidData)?;
        let entry = &mut self.entries[place];
        entry.answer = Some(answer);
        Ok(entry.caller.take())
    }
}

/// Moves the bytes: a task of its own polls it. It completes when the connection is lost, and then, or when it is dropped,
/// every inquiry without an answer gets [`Lost`].
#[must_use = "a connection does nothing unless it is polled: spawn it"]
pub struct Connection<S> {
    stream: S,
    shared: Rc<RefCell<Shared>>,
    incoming: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Writes the lines in their order. Ready when all of them are written and flushed.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut shared = self.shared.borrow_mut();
        for entry in &mut shared.entries {
            while entry.written < entry.line.len() {
                let rest = &entry.line[entry.written..];
                match ready!(Pin::new(&mut self.stream).poll_write(context, rest))? {
                    0 => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                    count => entry.written += count,
                }
            }
        }
        drop(shared);
        Pin::new(&mut self.stream).poll_flush(context)
    }

    /// Reads once, and delivers every whole line.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut piece = [0; 256];
        match ready!(Pin::new(&mut self.stream).poll_read(context, &mut piece))? {
            0 => return Poll::Ready(Err(ErrorKind::UnexpectedEof.into())),
            count => self.incoming.extend_from_slice(&piece[..count]),
        }
        while let Some(end) = self.incoming.iter().position(|byte| *byte == b'\n') {
            let mut line: Vec<u8> = self.incoming.drain(..=end).collect();
            line.pop();
            let answer = String::from_utf8(line).map_err(|_| ErrorKind::InvalidData)?;
            let caller = self.shared.borrow_mut().deliver(answer)?;
            if let Some(caller) = caller {
                caller.wake();
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S> Connection<S> {
    fn lose(&mut self) {
        let mut shared = self.shared.borrow_mut();
        shared.lost = true;
        let (kept, lost) = shared
            .entries
            .drain(..)
            .partition(|entry| entry.answer.is_some());
        shared.entries = kept;
        drop(shared);
        let lost: VecDeque<Entry> = lost;
        for entry in lost {
            if let Some(caller) = entry.caller {
                caller.wake();
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Future for Connection<S> {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let older = (this.shared.borrow_mut().connection).replace(context.waker().clone());
        drop(older);
        loop {
            let failed = match this.poll_write(context) {
                Poll::Ready(Err(error)) => error,
                _pending_or_written => match ready!(this.poll_read(context)) {
                    Ok(()) => continue,
                    Err(error) => error,
                },
            };
            this.lose();
            return Poll::Ready(Err(failed));
        }
    }
}

impl<S> Drop for Connection<S> {
    fn drop(&mut self) {
        self.lose();
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Database")
            .field("open_inquiries", &self.open_inquiries())
            .finish()
    }
}

impl fmt::Debug for Inquiry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Inquiry")
    }
}

impl<S> fmt::Debug for Connection<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Connection")
    }
}
