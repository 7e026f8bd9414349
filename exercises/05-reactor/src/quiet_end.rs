//! An echo on a socket that does not block, driven by events. It runs in production, and now and
//! then a connection stays open for ever, although its client has long hung up. It happens with
//! short conversations, and it never happens when somebody looks at one with a debugger.

use std::io::{self, ErrorKind, Read, Write};

use reactor::Happened;

/// What is known of one connection.
pub struct Echo {
    /// Whether reading is worth an attempt.
    readable: bool,

    /// What has been read and not been written yet.
    buffer: Vec<u8>,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It waits for the next event.
    Waits,
    /// The end has been read, and everything before it has gone back: the connection can be closed.
    Done,
}

/// How much is read at a time.
const ROOM: usize = 16;

impl Echo {
    /// A connection on which nothing has happened yet.
    pub fn new() -> Echo {
        Echo {
            readable: false,

            buffer: Vec::new(),
        }
    }

    /// An event has come, and each comes once. What it says, any of the words of [`Happened`], may
    /// come alone or together with others. Goes on as far as it can without waiting.
    ///
    /// # Errors
    ///
    /// The socket's, but neither `WouldBlock` nor `Interrupted`.
    pub fn on_event(
        &mut self,
        socket: &mut (impl Read + Write),
        happened: Happened,
    ) -> io::Result<Progress> {
        self.readable |= happened.readable;
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
                    // A short read: there is no more for now, so the attempt that would
                    // block is saved.
                    self.readable = count == ROOM;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.readable = false,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Writes what is in the buffer. Returns whether nothing is left.
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
