//! Deep: a slot for one waker, without a lock.
#![allow(unsafe_code)]

use std::fmt;
use std::task::Waker;

use crate::sync::UnsafeCell;
use crate::sync::atomic::{AtomicUsize, Ordering};

/// No call is inside the cell.
const IDLE: usize = 0;
/// A `register` is inside the cell.
const REGISTERING: usize = 0b01;
/// A `take` is inside the cell. Together with [`REGISTERING`]: a `take` came while a `register` was
/// inside, and has returned.
const TAKING: usize = 0b10;

/// Holds the waker of one task. Any number of threads may wake it.
///
/// The waiting task calls [`register`](AtomicWaker::register) and *then* checks whether it has to
/// wait. The other side makes its event happen and *then* calls [`wake`](AtomicWaker::wake). In every
/// order, either the check sees the event, or the wake finds the waker. One registration is woken at
/// most once. No call waits for another: a thread that is stopped in the middle of a call does not
/// keep the call of another thread from returning.
///
/// ```text
///                register                      end of register
///       IDLE ───────────────▶ REGISTERING ───────────────────────▶ IDLE
///       ▲ │                        │ take
///       │ │                        ▼
///       │ │            REGISTERING | TAKING ─── end of register: ──▶ IDLE
///       │ │                                     wakes what it
///       │ │ take                                has just stored
///       │ ▼
///       TAKING       a register that comes now wakes its own waker, and stores nothing
/// ```
///
/// The caller makes sure that only one thread at a time registers. A second `register` at the same
/// time stores nothing. The task may be another one than before: then the older waker is replaced,
/// and dropped.
pub struct AtomicWaker {
    /// One of the states above. The call that changed it from [`IDLE`] is the only one that may enter
    /// the cell.
    state: AtomicUsize,
    /// The registered waker. Only the call that changed `state` from `IDLE` enters, until it changes
    /// `state` back.
    waker: UnsafeCell<Option<Waker>>,
}

// SAFETY: only the one call that changed `state` from `IDLE` enters `waker`, and a `Waker` is `Send +
// Sync`.
unsafe impl Sync for AtomicWaker {}

impl AtomicWaker {
    /// An empty slot.
    pub const fn new() -> AtomicWaker {
        AtomicWaker {
            state: AtomicUsize::new(IDLE),
            waker: UnsafeCell::new(None),
        }
    }

    /// Stores `waker` in place of an older one. If a wake comes at the same time, `register` may call
    /// `waker` itself, so that no wake is missed.
    pub fn register(&self, waker: &Waker) {
        todo!("enter if no call is inside, and store the waker; what if one is?")
    }

    /// Wakes the registered task, if there is one.
    pub fn wake(&self) {
        if let Some(waker) = self.take() {
            waker.wake();
        }
    }

    /// Removes the waker, for the caller to wake later. `None` if there is none, or if it is being
    /// registered at this moment: then `register` wakes it.
    pub fn take(&self) -> Option<Waker> {
        todo!("enter if no call is inside, and remove the waker; what if one is?")
    }
}

impl Default for AtomicWaker {
    fn default() -> AtomicWaker {
        AtomicWaker::new()
    }
}

impl fmt::Debug for AtomicWaker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("AtomicWaker")
    }
}
