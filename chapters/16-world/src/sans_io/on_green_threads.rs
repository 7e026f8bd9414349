//! A stream of the loop whose reads block a green thread, and have a limit.

use std::io::{self, Write};
use std::time::Duration;

use event_loop::Timer;
use futures::future::{Either, select};
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use green::{Blocking, wait};

use super::blocking::TimedRead;

// ANCHOR: timed
/// A stream for green threads whose reads have a limit. Each call blocks the green thread that makes it.
#[derive(Debug)]
pub struct Timed<S, T> {
    stream: S,
    timer: T,
}

impl<S, T> Timed<S, T> {
    /// The same stream, with the timer of its loop.
    pub fn new(stream: S, timer: T) -> Timed<S, T> {
        Timed { stream, timer }
    }
}

impl<S: AsyncRead + Unpin, T: Timer> TimedRead for Timed<S, T> {
    /// # Panics
    ///
    /// If no green thread calls it.
    fn read_for(&mut self, buffer: &mut [u8], limit: Duration) -> io::Result<Option<usize>> {
        let sleep = self.timer.sleep(limit);
        match wait(select(self.stream.read(buffer), sleep)) {
            Either::Left((read, _sleep)) => read.map(Some),
            Either::Right(((), _read)) => Ok(None),
        }
    }
}
// ANCHOR_END: timed

impl<S: AsyncWrite + Unpin, T> Write for Timed<S, T> {
    /// # Panics
    ///
    /// If no green thread calls it.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Blocking::new(&mut self.stream).write(bytes)
    }

    /// # Panics
    ///
    /// If no green thread calls it.
    fn flush(&mut self) -> io::Result<()> {
        Blocking::new(&mut self.stream).flush()
    }
}
