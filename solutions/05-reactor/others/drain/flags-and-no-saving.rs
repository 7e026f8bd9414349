//! Never saves an attempt: only one that would block ends it. Two flags and a pair of numbers instead of an enum.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io::{self, ErrorKind};
use std::task::{Context, Poll, Waker};

pub const BUDGET: u32 = 32;

pub struct Readiness {
    worth_a_try: Cell<bool>,
    waker: RefCell<Option<Waker>>,
    /// The iteration in which the last attempt was made, and how many are left in it.
    left: Cell<(u64, u32)>,
}

impl Readiness {
    fn new(worth_a_try: bool) -> Readiness {
        Readiness {
            worth_a_try: Cell::new(worth_a_try),
            waker: RefCell::new(None),
            left: Cell::new((0, BUDGET)),
        }
    }

    #[must_use]
    pub fn ready() -> Readiness {
        Readiness::new(true)
    }

    #[must_use]
    pub fn drained() -> Readiness {
        Readiness::new(false)
    }

    pub fn event(&self, _closed: bool) {
        self.worth_a_try.set(true);
        let waker = self.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub fn poll_io<T>(
        &self,
        turn: u64,
        context: &mut Context<'_>,
        mut attempt: impl FnMut() -> io::Result<T>,
        _short: impl FnOnce(&T) -> bool,
    ) -> Poll<io::Result<T>> {
        while self.worth_a_try.get() {
            let (of_turn, left) = self.left.get();
            let left = if of_turn == turn { left } else { BUDGET };
            let Some(left) = left.checked_sub(1) else {
                context.waker().wake_by_ref();
                return Poll::Pending;
            };
            self.left.set((turn, left));
            match attempt().map_err(|error| (error.kind(), error)) {
                Ok(value) => return Poll::Ready(Ok(value)),
                Err((ErrorKind::WouldBlock, _)) => self.worth_a_try.set(false),
                Err((ErrorKind::Interrupted, _)) => continue,
                Err((_, error)) => return Poll::Ready(Err(error)),
            }
        }
        let mine = context.waker().clone();
        let _older = self.waker.replace(Some(mine));
        Poll::Pending
    }

    pub fn forget(&self) {
        let _older = self.waker.take();
    }
}

impl fmt::Debug for Readiness {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Readiness")
    }
}
