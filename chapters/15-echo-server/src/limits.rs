//! What all connections of a worker share.

use std::cell::RefCell;
use std::time::Duration;

use cancellation::Token;

use crate::figures::Tally;

// ANCHOR: limits
/// What all connections of a worker share.
#[derive(Debug)]
pub struct Limits<'a, T> {
    /// The loop's clock.
    pub timer: &'a T,
    /// How long a connection may be idle.
    pub idle_timeout: Duration,
    /// Cancelled when the server is told to finish: each connection drains, and closes.
    pub drain: &'a Token,
    /// Holds bytes between a read and the write that follows. All connections share it, so a connection
    /// that waits owns no buffer.
    pub buffer: &'a RefCell<Box<[u8]>>,
    /// Counts the bytes.
    pub tally: &'a Tally,
}
// ANCHOR_END: limits
