//! A stream of the loop as a stream of the standard library.

use std::io::{self, Read, Write};

use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::hub::wait;

// ANCHOR: blocking
/// An asynchronous stream that reads and writes as a blocking one: each call blocks its green thread until the
/// stream is ready.
///
/// So a function that takes `impl Read + Write` runs on a green thread as it stands.
#[derive(Debug)]
pub struct Blocking<S> {
    stream: S,
}

impl<S> Blocking<S> {
    /// The same stream, for a green thread.
    pub fn new(stream: S) -> Blocking<S> {
        Blocking { stream }
    }

    /// The stream itself.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: AsyncRead + Unpin> Read for Blocking<S> {
    /// # Panics
    ///
    /// If no green thread calls it.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        wait(self.stream.read(buffer))
    }
}

impl<S: AsyncWrite + Unpin> Write for Blocking<S> {
    /// # Panics
    ///
    /// If no green thread calls it.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        wait(self.stream.write(bytes))
    }

    /// # Panics
    ///
    /// If no green thread calls it.
    fn flush(&mut self) -> io::Result<()> {
        wait(self.stream.flush())
    }
}
// ANCHOR_END: blocking
