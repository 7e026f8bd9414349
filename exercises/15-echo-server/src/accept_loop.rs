//! A listener that ran for months, and then stopped accepting clients. Its author took the accept loop
//! from an example: accept until `WouldBlock`, and return any other error.

use std::io::{self, ErrorKind};
use std::time::Duration;

/// A listening socket that does not block.
pub trait Door {
    /// A connection.
    type Client;

    /// Accepts the next client.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if no client waits. Only after that does the kernel report the *next* client: while
    /// clients wait in its queue, it reports nothing. Any other error that the system call can return.
    fn accept(&mut self) -> io::Result<Self::Client>;
}

/// When to call [`on_event`] again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// When the kernel reports a client.
    Event,
    /// When the kernel reports a client, or when this time has passed.
    EventOrAfter(Duration),
}

/// How long to wait for a descriptor. Any pause from 1 ms to 1 minute is right.
pub const PAUSE: Duration = Duration::from_secs(1);

/// Clients may wait: accepts all of them, however many they are, and says when to try again.
///
/// Appends each accepted client to `clients`, in order; they stay there if a later attempt fails. If
/// [no descriptor is left](out_of_descriptors), it returns at once, and asks to be called again after a
/// pause. Every other error, also `PermissionDenied`, concerns one client that is gone: the next attempt
/// follows at once, without a pause and however many such errors there are. Only the errors below are
/// returned.
///
/// # Errors
///
/// `InvalidInput` and `NotConnected`: the socket does not listen any more. It does not call `accept` again.
pub fn on_event<D: Door>(door: &mut D, clients: &mut Vec<D::Client>) -> io::Result<Next> {
    loop {
        match door.accept() {
            Ok(client) => clients.push(client),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Next::Event),
            Err(error) => return Err(error),
        }
    }
}

/// Whether no descriptor is left, in this process or in the whole system. The client stays in the kernel's
/// queue. On Unix these errors are `EMFILE` and `ENFILE`. (A server also pauses if no memory is left. In
/// this exercise that error does not occur.)
pub fn out_of_descriptors(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(23 | 24))
}
