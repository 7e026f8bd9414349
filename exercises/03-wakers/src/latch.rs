//! Apply the idea.
//!
//! Several tasks wait until an event has happened a number of times: until four workers have
//! finished, for example. Build the latch that wakes them all. So far each future of the chapter was
//! the only one that waited for its event. Here many wait for one.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

// Locks, atomics and threads: from `crate::sync`. The check replaces that module by its own.
use crate::sync::{Arc, Mutex};

/// Opens when it has been counted down to zero, and stays open. Clones are the same latch.
#[derive(Clone)]
pub struct Latch {
    left: usize, // Yours to replace.
}

/// A future that is ready when the latch is open, and pending before. There may be any number of
/// waits.
///
/// When the latch opens, it wakes the task that polled each wait last, once. It wakes no task before
/// that. The latch holds no lock while it calls or drops a waker: a woken task may poll at once, and
/// the destructor of a waker may use this latch. A clone of a waker under the lock is accepted. A wait
/// that is polled again after it was ready is ready again.
///
/// # Cancel safety
///
/// Dropping a wait loses nothing: a wait does not count. A dropped wait keeps no waker.
#[must_use = "a wait does nothing until it is polled"]
pub struct Wait {
    latch: Latch, // Yours to replace.
}

impl Latch {
    /// A latch that opens after `count` calls of [`count_down`](Latch::count_down). With 0 it is open
    /// from the beginning.
    pub fn new(count: usize) -> Latch {
        todo!("a latch that is still to be counted down")
    }

    /// Counts down by one. At zero the latch opens, and wakes every wait. If the latch is open already,
    /// does nothing.
    pub fn count_down(&self) {
        todo!("one less; and at zero?")
    }

    /// A future that waits until the latch is open.
    pub fn wait(&self) -> Wait {
        todo!("a future that is ready when the latch is open")
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        todo!("is it open? if not, which task will you wake?")
    }
}

impl fmt::Debug for Latch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Latch")
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Wait")
    }
}
