//! A driver for code that blocks: threads of the system, and green threads.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use event_loop::Time;

use super::connection::Connection;
use super::frame::Event;

/// A stream whose reads block, and give up after a while.
pub trait TimedRead {
    /// Reads what has arrived; 0 bytes are the end of the stream. `None`: `limit` has passed, and nothing arrived.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    fn read_for(&mut self, buffer: &mut [u8], limit: Duration) -> io::Result<Option<usize>>;
}

impl TimedRead for TcpStream {
    fn read_for(&mut self, buffer: &mut [u8], limit: Duration) -> io::Result<Option<usize>> {
        // A limit of zero would be an error of `set_read_timeout`.
        self.set_read_timeout(Some(limit.max(Duration::from_millis(1))))?;
        match self.read(buffer) {
            Ok(count) => Ok(Some(count)),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Runs a connection over a stream until it has ended. Passes each event to `on_event`, which may send and close.
///
/// It writes, then it reads: while the peer takes nothing, nothing is read, and no time-out is noticed. Two
/// peers that both send more than their kernels' buffers hold wait for each other; [`on_a_loop`](super::on_a_loop)
/// reads meanwhile.
///
/// # Errors
///
/// Those of the stream. A connection that had not ended is as it was then, and has reported no end.
// ANCHOR: drive
pub fn drive<S: TimedRead + Write>(
    stream: &mut S,
    clock: impl Fn() -> Time,
    connection: &mut Connection,
    mut on_event: impl FnMut(Event, &mut Connection),
) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        while let Some(event) = connection.next_event() {
            on_event(event, connection);
        }
        stream.write_all(&connection.take_output())?;
        stream.flush()?;
        let Some(deadline) = connection.deadline() else {
            return Ok(());
        };
        match stream.read_for(&mut buffer, deadline.saturating_since(clock()))? {
            None => connection.handle_timeout(clock()),
            Some(0) => connection.receive_end(),
            Some(count) => connection.receive(clock(), &buffer[..count]),
        }
    }
}
// ANCHOR_END: drive
