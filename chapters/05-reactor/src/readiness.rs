//! One direction of one source: whether an attempt is worth while, and which task waits.

use std::cell::Cell;
use std::fmt;
// YOURS
use std::io::{self, ErrorKind};
use std::task::{Context, Poll, Waker};
// STUB: use std::io;
// STUB: use std::task::{Context, Poll};
// YOURS_END

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
// YOURS
#[derive(Default)]
// YOURS_END
pub struct Readiness {
    // YOURS
    state: Cell<State>,
    waker: Cell<Option<Waker>>,
    /// The last iteration of the loop in which there was an attempt, and how many there were in it.
    turn: Cell<u64>,
    used: Cell<u32>,
    // STUB: worth_a_try: Cell<bool>, // Yours to replace.
    // YOURS_END
}
// YOURS

/// ```text
///             WouldBlock, or a short read or write
///   Ready ─────────────────────────────────────────▶ Drained
///     ▲                                                │
///     └────────────────── event ───────────────────────┘
///
///   either of them ── event that says "closed" ──▶ Closed ── WouldBlock ──▶ Drained
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// An attempt would block: wait for an event.
    #[default]
    Drained,
    /// An attempt is worth while.
    Ready,
    /// As `Ready`, and an end or an error follows the bytes that are left. The kernel does not report
    /// it again, so a short read proves nothing.
    Closed,
}
// YOURS_END

impl Readiness {
    /// A direction that is worth an attempt right away.
    #[must_use]
    pub fn ready() -> Readiness {
        // YOURS
        let readiness = Readiness::default();
        readiness.state.set(State::Ready);
        readiness
        // STUB: todo!("what is remembered before the first event?")
        // YOURS_END
    }

    /// A direction that is worth no attempt before the first event.
    #[must_use]
    pub fn drained() -> Readiness {
        // YOURS
        Readiness::default()
        // STUB: todo!("what is remembered before the first event?")
        // YOURS_END
    }

    /// An event says that an attempt is worth while. Wakes the task that waits, once, and drops its
    /// waker. The woken task may call [`poll_io`](Readiness::poll_io) from inside `wake`.
    ///
    /// With `closed` the event also says that there is an end or an error. An attempt finds it after
    /// the bytes that are left. The kernel may not report it again.
    // ANCHOR: event
    pub fn event(&self, closed: bool) {
        // YOURS
        if closed || self.state.get() == State::Closed {
            self.state.set(State::Closed);
        } else {
            self.state.set(State::Ready);
        }
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
        // STUB: todo!("remember it, and wake the task that waits")
        // YOURS_END
    }
    // ANCHOR_END: event

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
    // ANCHOR: poll_io
    #[inline]
    pub fn poll_io<T>(
        &self,
        turn: u64,
        context: &mut Context<'_>,
        mut attempt: impl FnMut() -> io::Result<T>,
        short: impl FnOnce(&T) -> bool,
    ) -> Poll<io::Result<T>> {
        // YOURS
        loop {
            if self.state.get() == State::Drained {
                self.keep(context.waker());
                return Poll::Pending;
            }
            if !self.spend(turn) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            // ANCHOR_END: poll_io
            // ANCHOR: outcome
            match attempt() {
                Ok(value) => {
                    if self.state.get() == State::Ready && short(&value) {
                        self.state.set(State::Drained);
                    }
                    return Poll::Ready(Ok(value));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.state.set(State::Drained);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        // STUB: todo!("is an attempt worth while, and what does its outcome say?")
        // YOURS_END
    }
    // ANCHOR_END: outcome

    /// The task no longer waits: drops its waker and does not call it. What an event said stays.
    pub fn forget(&self) {
        // YOURS
        drop(self.waker.take());
        // STUB: todo!("drop the waker, if one is kept")
        // YOURS_END
    }
    // YOURS

    #[inline]
    fn keep(&self, waker: &Waker) {
        match self.waker.take() {
            Some(kept) if kept.will_wake(waker) => self.waker.set(Some(kept)),
            _ => self.waker.set(Some(waker.clone())),
        }
    }

    /// Uses one attempt of this iteration. Whether there was one left.
    #[inline]
    fn spend(&self, turn: u64) -> bool {
        let before = if self.turn.replace(turn) == turn {
            self.used.get()
        } else {
            0
        };
        let left = before < BUDGET;
        self.used.set(before + u32::from(left));
        left
    }
    // YOURS_END
}

impl fmt::Debug for Readiness {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Readiness")
    }
}
