//! One direction of one source: whether an attempt is worth while, and which task waits.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::task::{Context, Poll};

/// How many attempts one direction of one source has in one iteration of the loop.
///
/// Without a limit a peer that sends faster than the task reads would keep the thread, and no other
/// task would run.
pub const BUDGET: u32 = 32;

/// What is known of one direction, reading or writing, of one source.
///
/// The kernel reports each change once: its events are *edge-triggered*. This type remembers the
/// report until an attempt shows that it is no longer true. It also keeps the waker of the task that
/// waits for the next event: that of the latest poll.
pub struct Readiness {
    worth_a_try: Cell<bool>, // Yours to replace.
}

impl Readiness {
    /// A direction that is worth an attempt right away.
    #[must_use]
    pub fn ready() -> Readiness {
        todo!("what is remembered before the first event?")
    }

    /// A direction that is worth no attempt before the first event.
    #[must_use]
    pub fn drained() -> Readiness {
        todo!("what is remembered before the first event?")
    }

    /// An event says that an attempt is worth while. Wakes the task that waits, once, and drops its
    /// waker. The woken task may call [`poll_io`](Readiness::poll_io) from inside `wake`.
    ///
    /// With `closed` the event also says that there is an end or an error. An attempt finds it after
    /// the bytes that are left. The kernel may not report it again.
    pub fn event(&self, closed: bool) {
        todo!("remember it, and wake the task that waits")
    }

    /// Makes an attempt, if one is worth while, and repeats it while it is interrupted.
    ///
    /// If the attempt would block, or none is worth while, `poll_io` is pending, and it keeps the
    /// waker for the next event. After a success the direction stays worth an attempt, until one
    /// would block.
    ///
    /// `short` says whether a success shows that there is no more for now: fewer bytes than were
    /// asked for. Then the attempt that would block may be saved, unless `closed` announced an end
    /// or an error that has not been found.
    ///
    /// `turn` is the number of the loop's iteration, from 1 to `u64::MAX`. In one iteration
    /// `poll_io` makes at most [`BUDGET`] attempts, the interrupted ones included. Then it is
    /// pending and wakes its task at once, so that the task continues in the next iteration.
    ///
    /// # Errors
    ///
    /// The attempt's, but neither `WouldBlock` nor `Interrupted`.
    #[inline]
    pub fn poll_io<T>(
        &self,
        turn: u64,
        context: &mut Context<'_>,
        mut attempt: impl FnMut() -> io::Result<T>,
        short: impl FnOnce(&T) -> bool,
    ) -> Poll<io::Result<T>> {
        todo!("is an attempt worth while, and what does its outcome say?")
    }

    /// The task no longer waits: drops its waker and does not call it. What an event said stays.
    pub fn forget(&self) {
        todo!("drop the waker, if one is kept")
    }
}

impl fmt::Debug for Readiness {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Readiness")
    }
}
