//! An echo on a non-blocking socket, driven by events. It runs in production, and sometimes a
//! connection stays open although its client closed it hours ago. It happens with short
//! conversations, and it never happens under a debugger.

use std::io::{self, ErrorKind, Read, Write};

use reactor::Happened;

/// The state of one connection.
pub struct Echo {
    /// Whether a read is worth an attempt.
    readable: bool,
    // YOURS
    /// Whether an end or an error is still to be read: the kernel reports it once.
    ended: bool,
    // STUB:
    // YOURS_END
    /// Bytes that were read and are not written yet.
    buffer: Vec<u8>,
}

/// How far the echo has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The echo waits for the next event.
    Waits,
    /// The end has been read, and every byte before it was sent back: the connection can be closed.
    Done,
}

/// The size of one read.
const ROOM: usize = 16;

impl Echo {
    /// A new connection, before its first event.
    pub fn new() -> Echo {
        Echo {
            readable: false,
            // YOURS
            ended: false,
            // STUB:
            // YOURS_END
            buffer: Vec::new(),
        }
    }

    /// Handles an event: reads and writes as far as it can without waiting.
    ///
    /// The kernel reports each change once. An event may say any of the words of [`Happened`], alone
    /// or together, and may be wrong: then the attempt returns `WouldBlock`. The echo holds at most
    /// a few thousand bytes: it reads no more while the peer takes nothing.
    ///
    /// # Errors
    ///
    /// The socket's, but neither `WouldBlock` nor `Interrupted`. [`ErrorKind::WriteZero`] if a write
    /// accepts 0 bytes.
    pub fn on_event(
        &mut self,
        socket: &mut (impl Read + Write),
        happened: Happened,
    ) -> io::Result<Progress> {
        // YOURS
        self.ended |= happened.read_closed || happened.error;
        self.readable |= happened.readable || self.ended;
        loop {
            if !self.flush(socket)? {
                return Ok(Progress::Waits);
            }
            if !self.readable {
                return Ok(Progress::Waits);
            }
            let mut room = [0; ROOM];
            match socket.read(&mut room) {
                Ok(0) => return Ok(Progress::Done),
                Ok(count) => {
                    self.buffer.extend(&room[..count]);
                    // A short read means that there is no more for now, and saves the attempt that
                    // would block; but not if the end follows.
                    self.readable = count == ROOM || self.ended;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.readable = false,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        // STUB: self.readable |= happened.readable;
        // STUB: loop {
        // STUB:     if !self.flush(socket)? {
        // STUB:         return Ok(Progress::Waits);
        // STUB:     }
        // STUB:     if !self.readable {
        // STUB:         return Ok(Progress::Waits);
        // STUB:     }
        // STUB:     let mut room = [0; ROOM];
        // STUB:     match socket.read(&mut room) {
        // STUB:         Ok(0) => return Ok(Progress::Done),
        // STUB:         Ok(count) => {
        // STUB:             self.buffer.extend(&room[..count]);
        // STUB:             // A short read: there is no more for now, so the attempt that would
        // STUB:             // block is saved.
        // STUB:             self.readable = count == ROOM;
        // STUB:         }
        // STUB:         Err(error) if error.kind() == ErrorKind::WouldBlock => self.readable = false,
        // STUB:         Err(error) if error.kind() == ErrorKind::Interrupted => {}
        // STUB:         Err(error) => return Err(error),
        // STUB:     }
        // STUB: }
        // YOURS_END
    }

    /// Writes the buffer. Returns whether it is empty.
    fn flush(&mut self, socket: &mut impl Write) -> io::Result<bool> {
        while !self.buffer.is_empty() {
            match socket.write(&self.buffer) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => drop(self.buffer.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

impl Default for Echo {
    fn default() -> Echo {
        Echo::new()
    }
}
