//! A listener that serves on and on, until one day it does not. Its author took the accept loop from an
//! example: accept until it would block; any other error is an error. It ran for months.

use std::io::{self, ErrorKind};
use std::time::Duration;

/// Where clients come: a socket that listens and does not block.
pub trait Door {
    /// A connection.
    type Client;

    /// Takes the next client.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nobody is there. The kernel tells of the *next* client then; as long as somebody
    /// is left at the door, it tells of nobody. Whatever else a system call may say.
    fn accept(&mut self) -> io::Result<Self::Client>;
}

/// When to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// When the kernel tells of a client.
    Event,
    /// When the kernel tells of a client, and after this long in any case.
    EventOrAfter(Duration),
}

/// How long to wait for something that only time can bring.
pub const PAUSE: Duration = Duration::from_secs(1);

/// Somebody may be at the door: takes all who are there, and says when to try again.
///
/// An error of one client is no reason to send away the others, and neither is one that passes. Who was
/// taken is in `clients`, also when something goes wrong afterwards.
///
/// # Errors
///
/// If the listener is of no use any more, as it says with `InvalidInput` or `NotConnected`.
pub fn on_event<D: Door>(door: &mut D, clients: &mut Vec<D::Client>) -> io::Result<Next> {
    loop {
        match door.accept() {
            Ok(client) => clients.push(client),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Next::Event),
            Err(error) => return Err(error),
        }
    }
}

/// No descriptor is left for one more: in this process, or in the whole system. The client stays at the
/// door. On Unix these are `EMFILE` and `ENFILE`. (A server treats "no memory" in the same way; this
/// exercise leaves it out.)
pub fn out_of_descriptors(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(23 | 24))
}
