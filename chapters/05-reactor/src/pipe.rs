//! A pipe.

use std::io;

use mio::Interest;
use mio::unix::pipe::{self, Receiver, Sender};

use crate::delegate::{async_read, async_write};
use crate::driver::ReactorHandle;
use crate::registered::{ByDebug, Registered};
use crate::source::Source;

/// A pipe: what is written into the one end is read from the other. Dropping the writer is the end
/// for the reader.
///
/// # Errors
///
/// If there are no descriptors left.
pub fn pipe(reactor: &ReactorHandle) -> io::Result<(PipeWriter, PipeReader)> {
    let (sender, receiver) = pipe::new()?;
    Ok((
        PipeWriter {
            io: Registered::named_by_debug(
                reactor,
                sender,
                Source::with_room(),
                Interest::WRITABLE,
            )?,
        },
        PipeReader {
            io: Registered::named_by_debug(reactor, receiver, Source::new(), Interest::READABLE)?,
        },
    ))
}

/// The end into which one writes.
#[derive(Debug)]
pub struct PipeWriter {
    io: Registered<Sender, ByDebug>,
}

/// The end from which one reads.
#[derive(Debug)]
pub struct PipeReader {
    io: Registered<Receiver, ByDebug>,
}

impl PipeWriter {
    /// The end of a pipe that something else made, such as the standard input of a child process. From now
    /// on it does not block, neither for this process nor for another that shares this end.
    ///
    /// # Errors
    ///
    /// If it cannot be registered.
    pub fn new(reactor: &ReactorHandle, end: impl Into<Sender>) -> io::Result<PipeWriter> {
        let sender = end.into();
        sender.set_nonblocking(true)?;
        Ok(PipeWriter {
            io: Registered::named_by_debug(
                reactor,
                sender,
                Source::with_room(),
                Interest::WRITABLE,
            )?,
        })
    }

    /// Does nothing: the end of a pipe is sent by dropping this.
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)]
    fn close(&self) -> io::Result<()> {
        Ok(())
    }
}

impl PipeReader {
    /// The end of a pipe that something else made, such as the standard output of a child process. From now
    /// on it does not block, neither for this process nor for another that shares this end.
    ///
    /// # Errors
    ///
    /// If it cannot be registered.
    pub fn new(reactor: &ReactorHandle, end: impl Into<Receiver>) -> io::Result<PipeReader> {
        let receiver = end.into();
        receiver.set_nonblocking(true)?;
        Ok(PipeReader {
            io: Registered::named_by_debug(reactor, receiver, Source::new(), Interest::READABLE)?,
        })
    }
}

async_read!(PipeReader);
async_write!(PipeWriter);
