//! Something that mio can watch, together with its readiness.

use std::any::type_name;
use std::fmt;
use std::io::{self, IoSlice, Read, Write};
use std::marker::PhantomData;
use std::rc::Rc;
use std::task::{Context, Poll};

use event_loop::leaf::{Wait, waits_for};
use mio::{Interest, Token, event};

use crate::driver::ReactorHandle;
use crate::source::Source;

/// A source that mio can watch, such as a socket, registered with a reactor. Dropping it deregisters
/// it.
///
/// `N` is how a dump of the tasks names it: [`ByType`] or [`ByDebug`]. A type costs no memory in each of many
/// connections, as a function pointer would.
pub struct Registered<S: event::Source, N = ByType> {
    io: S,
    source: Rc<Source>,
    token: Token,
    reactor: ReactorHandle,
    _name: PhantomData<fn(N)>,
}

/// How a dump of the tasks names a source.
pub trait Names<S> {
    /// The name of this source.
    fn name(io: &S) -> String;
}

/// A source has the name of its type.
#[derive(Debug)]
pub enum ByType {}

/// A source has the name that its `Debug` prints.
#[derive(Debug)]
pub enum ByDebug {}

impl<S> Names<S> for ByType {
    fn name(_io: &S) -> String {
        type_name::<S>().to_owned()
    }
}

impl<S: fmt::Debug> Names<S> for ByDebug {
    fn name(io: &S) -> String {
        format!("{io:?}")
    }
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
        io: S,
        source: Source,
        interest: Interest,
    ) -> io::Result<Registered<S>> {
        Registered::register(reactor, io, source, interest)
    }
}

impl<S: event::Source + fmt::Debug> Registered<S, ByDebug> {
    /// As [`new`](Registered::new); in a dump of the tasks it has the name that its `Debug` prints, and not that of
    /// its type.
    ///
    /// # Errors
    ///
    /// If the operating system refuses.
    pub fn named_by_debug(
        reactor: &ReactorHandle,
        io: S,
        source: Source,
        interest: Interest,
    ) -> io::Result<Registered<S, ByDebug>> {
        Registered::register(reactor, io, source, interest)
    }
}

impl<S: event::Source, N: Names<S>> Registered<S, N> {
    fn register(
        reactor: &ReactorHandle,
        mut io: S,
        source: Source,
        interest: Interest,
    ) -> io::Result<Registered<S, N>> {
        let source = Rc::new(source);
        let token = reactor.register(&mut io, Rc::clone(&source), interest)?;
        let reactor = reactor.clone();
        Ok(Registered {
            io,
            source,
            token,
            reactor,
            _name: PhantomData,
        })
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
    #[inline]
    pub fn poll_read_io<'a, T>(
        &'a self,
        context: &mut Context<'_>,
        mut attempt: impl FnMut(&'a S) -> io::Result<T>,
        short: impl FnOnce(&T) -> bool,
    ) -> Poll<io::Result<T>> {
        let turn = self.reactor.parks();
        let what = || Wait::Other(format!("{} to be readable", N::name(&self.io)));
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
    #[inline]
    pub fn poll_write_io<'a, T>(
        &'a self,
        context: &mut Context<'_>,
        mut attempt: impl FnMut(&'a S) -> io::Result<T>,
        short: impl FnOnce(&T) -> bool,
    ) -> Poll<io::Result<T>> {
        let turn = self.reactor.parks();
        let what = || Wait::Other(format!("{} to be writable", N::name(&self.io)));
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
    #[inline]
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
    #[inline]
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

impl<S: event::Source, N> Drop for Registered<S, N> {
    fn drop(&mut self) {
        self.reactor.deregister(&mut self.io, self.token);
        self.source.forget();
    }
}

impl<S: event::Source + fmt::Debug, N> fmt::Debug for Registered<S, N> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.fmt(out)
    }
}
