//! What all connections of a worker have in common.

use std::cell::RefCell;
use std::time::Duration;

use cancellation::Token;

use crate::figures::Tally;

// ANCHOR: limits
/// What all connections of a worker have in common.
#[derive(Debug)]
pub struct Limits<'a, T> {
    /// The loop's clock.
    pub timer: &'a T,
    /// How long a connection may be idle.
    pub idle_timeout: Duration,
    /// Asks for the end: what has been received is sent back, and then it is closed.
    pub drain: &'a Token,
    /// Where bytes are put for the moment between reading and writing. All connections share it: one
    /// that waits owns no buffer.
    pub buffer: &'a RefCell<Box<[u8]>>,
    /// Where the bytes are counted.
    pub tally: &'a Tally,
}
// ANCHOR_END: limits
