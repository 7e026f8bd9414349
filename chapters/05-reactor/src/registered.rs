//! Something that mio can watch, together with its readiness.

use std::any::type_name;
use std::fmt;
use std::io::{self, IoSlice, Read, Write};
use std::rc::Rc;
use std::task::{Context, Poll};

use event_loop::leaf::{Wait, waits_for};
use mio::{Interest, Token, event};

use crate::driver::ReactorHandle;
use crate::source::Source;

/// A source that mio can watch, such as a socket, registered with a reactor. Dropping it deregisters
/// it.
pub struct Registered<S: event::Source> {
    io: S,
    source: Rc<Source>,
    token: Token,
    reactor: ReactorHandle,
    /// The source's name, for a dump of the tasks.
    name: fn(&S) -> String,
}

impl<S: event::Source> Registered<S> {
    /// Registers it. What is known of its directions so far is in `source`.
    ///
    /// # Errors
    ///
    /// If the operating system refuses: a regular file, say, is always ready, and cannot be waited
    /// for.
    pub fn new(
        reactor: &ReactorHandle,
        mut io: S,
        source: Source,
        interest: Interest,
    ) -> io::Result<Registered<S>> {
        let source = Rc::new(source);
        let token = reactor.register(&mut io, Rc::clone(&source), interest)?;
        let reactor = reactor.clone();
        Ok(Registered {
            io,
            source,
            token,
            reactor,
            name: |_| type_name::<S>().to_owned(),
        })
    }

    /// The same; in a dump of the tasks it has the name that its `Debug` prints. Otherwise that is its type.
    #[must_use]
    pub fn named_by_debug(mut self) -> Registered<S>
    where
        S: fmt::Debug,
    {
        self.name = |io| format!("{io:?}");
        self
    }

    /// What is watched.
    pub fn get(&self) -> &S {
        &self.io
    }

    /// The reactor that watches it.
    pub fn reactor(&self) -> &ReactorHandle {
        &self.reactor
    }

    /// Tries to read, or to accept: see [`Readiness::poll_io`](crate::Readiness::poll_io). One task
    /// at a time may wait for it.
    ///
    /// # Errors
    ///
    /// The attempt's.
    pub fn poll_read_io<'a, T>(
        &'a self,
        context: &mut Context<'_>,
        mut attempt: impl FnMut(&'a S) -> io::Result<T>,
        short: impl FnOnce(&T) -> bool,
    ) -> Poll<io::Result<T>> {
        let turn = self.reactor.parks();
        let what = || Wait::Other(format!("{} to be readable", (self.name)(&self.io)));
        let reading = self.source.reading();
        waits_for(what, || {
            reading.poll_io(turn, context, || attempt(&self.io), short)
        })
    }

    /// Tries to write, or to find out whether it is connected. One task at a time may wait for it,
    /// beside the one that reads.
    ///
    /// # Errors
    ///
    /// The attempt's.
    pub fn poll_write_io<'a, T>(
        &'a self,
        context: &mut Context<'_>,
        mut attempt: impl FnMut(&'a S) -> io::Result<T>,
        short: impl FnOnce(&T) -> bool,
    ) -> Poll<io::Result<T>> {
        let turn = self.reactor.parks();
        let what = || Wait::Other(format!("{} to be writable", (self.name)(&self.io)));
        let writing = self.source.writing();
        waits_for(what, || {
            writing.poll_io(turn, context, || attempt(&self.io), short)
        })
    }

    /// Reads into `buffer`. Zero is the end, unless the buffer is empty.
    ///
    /// # Errors
    ///
    /// The system's.
    // ANCHOR: poll_read
    pub fn poll_read<'a>(
        &'a self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>>
    where
        &'a S: Read,
    {
        let room = buffer.len();
        let short = |&count: &usize| SHORT_MEANS_DRAINED && 0 < count && count < room;
        self.poll_read_io(context, |mut io| io.read(buffer), short)
    }
    // ANCHOR_END: poll_read

    /// Writes some of `bytes`, and says how many.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn poll_write<'a>(
        &'a self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>>
    where
        &'a S: Write,
    {
        let short = |&count: &usize| SHORT_MEANS_DRAINED && count < bytes.len();
        self.poll_write_io(context, |mut io| io.write(bytes), short)
    }

    /// Writes some of the bytes of all `buffers`, in one system call where the system has one for that, and says how many.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn poll_write_vectored<'a>(
        &'a self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>>
    where
        &'a S: Write,
    {
        let all: usize = buffers.iter().map(|buffer| buffer.len()).sum();
        let short = |&count: &usize| SHORT_MEANS_DRAINED && count < all;
        self.poll_write_io(context, |mut io| io.write_vectored(buffers), short)
    }
}

/// Whether fewer bytes than asked for mean that there are no more for now. So it is with epoll and
/// kqueue, for streams; a later change makes an event of its own. On Windows mio looks again only
/// after an attempt would have blocked, so there it must be made.
const SHORT_MEANS_DRAINED: bool = cfg!(unix);

impl<S: event::Source> Drop for Registered<S> {
    fn drop(&mut self) {
        self.reactor.deregister(&mut self.io, self.token);
        self.source.forget();
    }
}

impl<S: event::Source + fmt::Debug> fmt::Debug for Registered<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.fmt(out)
    }
}
