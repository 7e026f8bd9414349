//! Checks for a waker in one step, and removes it in a second.
//!
//! Deep: a slot for one waker, without a lock.
#![allow(unsafe_code)]

use std::fmt;
use std::task::Waker;

use crate::sync::atomic::{AtomicPtr, Ordering};

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
    /// Null, or a box that belongs to the call that takes it out.
    waker: AtomicPtr<Waker>,
}

impl AtomicWaker {
    /// An empty slot.
    pub const fn new() -> AtomicWaker {
        AtomicWaker {
            waker: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    /// Stores `waker` in place of an older one. If a wake comes at the same time, `register` may call
    /// `waker` itself, so that no wake is missed.
    pub fn register(&self, waker: &Waker) {
        let waker = waker.clone();
        let new = Box::into_raw(Box::new(waker));
        let older = self.waker.swap(new, Ordering::AcqRel);
        if !older.is_null() {
            // SAFETY: it came from `Box::into_raw`, and we have taken it out.
            drop(unsafe { Box::from_raw(older) });
        }
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
        // ANCHOR: mistake
        let waker = self.waker.load(Ordering::Acquire);
        if waker.is_null() {
            return None;
        }
        self.waker.store(std::ptr::null_mut(), Ordering::Release);
        // ANCHOR_END: mistake
        // SAFETY: it came from `Box::into_raw`, and we have taken it out.
        Some(*unsafe { Box::from_raw(waker) })
    }
}

impl Drop for AtomicWaker {
    fn drop(&mut self) {
        drop(self.take());
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
