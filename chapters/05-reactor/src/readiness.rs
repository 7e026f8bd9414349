//! One direction of one source: whether it is worth trying, and who waits for that.

use std::cell::Cell;
use std::fmt;
// YOURS
use std::io::{self, ErrorKind};
use std::task::{Context, Poll, Waker};
// STUB: use std::io;
// STUB: use std::task::{Context, Poll};
// YOURS_END

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
// YOURS
#[derive(Default)]
// YOURS_END
pub struct Readiness {
    // YOURS
    state: Cell<State>,
    waker: Cell<Option<Waker>>,
    budget: Cell<Budget>,
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
    /// An attempt would block, or so the last one said: wait for an event.
    #[default]
    Drained,
    /// An attempt is worth while.
    Ready,
    /// As `Ready`, and behind whatever is left there is an end or an error: that will not be told
    /// again, so a short read proves nothing.
    Closed,
}

/// What is left of one turn's attempts.
#[derive(Debug, Clone, Copy, Default)]
struct Budget {
    turn: u64,
    used: u32,
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

    /// A direction that is worth nothing before the first event.
    #[must_use]
    pub fn drained() -> Readiness {
        // YOURS
        Readiness::default()
        // STUB: todo!("what is remembered before the first event?")
        // YOURS_END
    }

    /// An event says that an attempt is worth while. Wakes whoever waits, once.
    ///
    /// With `closed` it says as well that there is an end or an error, which an attempt will find
    /// behind whatever is left to read. That may be the only event that ever speaks of it.
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
        // STUB: todo!("remember it, and wake whoever waits")
        // YOURS_END
    }
    // ANCHOR_END: event

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
    // ANCHOR: poll_io
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
        // STUB: todo!("is it worth while? try; and what does the answer say?")
        // YOURS_END
    }
    // ANCHOR_END: poll_io

    /// Forgets whoever waits.
    pub fn forget(&self) {
        // YOURS
        drop(self.waker.take());
        // STUB: todo!("drop the waker, if one is kept")
        // YOURS_END
    }
    // YOURS

    fn keep(&self, waker: &Waker) {
        match self.waker.take() {
            Some(kept) if kept.will_wake(waker) => self.waker.set(Some(kept)),
            _ => self.waker.set(Some(waker.clone())),
        }
    }

    /// Whether there is an attempt left in this turn; if so, it is used.
    fn spend(&self, turn: u64) -> bool {
        let mut budget = self.budget.get();
        if budget.turn != turn {
            budget = Budget { turn, used: 0 };
        }
        let left = budget.used < BUDGET;
        budget.used += u32::from(left);
        self.budget.set(budget);
        left
    }
    // YOURS_END
}

impl fmt::Debug for Readiness {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Readiness")
    }
}
