//! One direction of one source: whether it is worth trying, and who waits for that.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::task::{Context, Poll};

/// How often one direction of one source may be tried in one turn of the loop.
///
/// A peer that sends faster than it is read would otherwise keep its reader busy for ever, and
/// everybody else waiting.
pub const BUDGET: u32 = 32;

/// What is known of one direction, reading or writing, of one source.
///
/// The operating system tells of each change once (its events are *edge-triggered*). So what it
/// said is remembered here until an attempt shows that it is true no more; and whoever waits for
/// the next event is remembered as well: the one who asked last.
pub struct Readiness {
    worth_a_try: Cell<bool>, // Yours to replace.
}

impl Readiness {
    /// A direction that is worth an attempt right away.
    #[must_use]
    pub fn ready() -> Readiness {
        todo!("what is remembered before the first event?")
    }

    /// A direction that is worth nothing before the first event.
    #[must_use]
    pub fn drained() -> Readiness {
        todo!("what is remembered before the first event?")
    }

    /// An event says that an attempt is worth while. Wakes whoever waits, once.
    ///
    /// With `closed` it says as well that there is an end or an error, which an attempt will find
    /// behind whatever is left to read. That may be the only event that ever speaks of it.
    pub fn event(&self, closed: bool) {
        todo!("remember it, and wake whoever waits")
    }

    /// Tries it, if that is worth while, until the attempt says something else than "interrupted".
    ///
    /// If the attempt would block, or none is worth while, the answer is pending, and the waker is
    /// kept for the next event. A success may be followed by others: the direction stays worth an
    /// attempt until one would block.
    ///
    /// `short` tells whether a success shows that there is no more for now: fewer bytes than were
    /// asked for. Then the attempt that would block may be saved. What `closed` announced has to be
    /// found all the same.
    ///
    /// `turn` is the number of the loop's turn, from one on. Within one turn no more than
    /// [`BUDGET`] attempts are made; then the answer is pending, too, and the waker is called at
    /// once, so that the next turn goes on.
    ///
    /// # Errors
    ///
    /// The attempt's, but neither `WouldBlock` nor `Interrupted`.
    pub fn poll_io<T>(
        &self,
        turn: u64,
        context: &mut Context<'_>,
        mut attempt: impl FnMut() -> io::Result<T>,
        short: impl FnOnce(&T) -> bool,
    ) -> Poll<io::Result<T>> {
        todo!("is it worth while? try; and what does the answer say?")
    }

    /// Forgets whoever waits.
    pub fn forget(&self) {
        todo!("drop the waker, if one is kept")
    }
}

impl fmt::Debug for Readiness {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Readiness")
    }
}
