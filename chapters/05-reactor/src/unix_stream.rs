//! Two sockets that are connected to each other, in one process: for tests, mostly.

use std::io;
use std::net::Shutdown;

use mio::Interest;

use crate::delegate::{async_read, async_write};
use crate::driver::ReactorHandle;
use crate::registered::{ByDebug, Registered};
use crate::source::Source;

/// One end of a connected pair of Unix sockets. It reads and writes as
/// [`TcpStream`](crate::TcpStream) does.
#[derive(Debug)]
pub struct UnixStream {
    io: Registered<mio::net::UnixStream, ByDebug>,
}

impl UnixStream {
    /// Two sockets: what is written to the one is read from the other.
    ///
    /// # Errors
    ///
    /// If there are no descriptors left.
    pub fn pair(reactor: &ReactorHandle) -> io::Result<(UnixStream, UnixStream)> {
        let (one, other) = mio::net::UnixStream::pair()?;
        Ok((
            UnixStream::new(reactor, one)?,
            UnixStream::new(reactor, other)?,
        ))
    }

    fn new(reactor: &ReactorHandle, io: mio::net::UnixStream) -> io::Result<UnixStream> {
        let interest = Interest::READABLE | Interest::WRITABLE;
        let io = Registered::named_by_debug(reactor, io, Source::with_room(), interest)?;
        Ok(UnixStream { io })
    }

    /// Sends the end after what has been written; reading goes on.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn close(&self) -> io::Result<()> {
        self.io.get().shutdown(Shutdown::Write)
    }
}

async_read!(UnixStream);
async_write!(UnixStream);
