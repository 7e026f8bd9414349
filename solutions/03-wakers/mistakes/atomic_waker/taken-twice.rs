//! Looks whether there is a waker, and takes it out in a second step.
//!
//! Deep: a place for one waker, without a lock.
#![allow(unsafe_code)]

use std::fmt;
use std::task::Waker;

use crate::sync::atomic::{AtomicPtr, Ordering};

/// Holds the waker of one task, which any number of others may wake.
///
/// The one who waits calls [`register`](AtomicWaker::register) and *then* looks whether it still
/// has to wait. The others make their event happen and *then* call [`wake`](AtomicWaker::wake).
/// Whichever comes first, either the look sees the event, or the wake finds the waker. Neither ever
/// waits for the other: one who is stopped in the middle of a call keeps nobody from finishing
/// theirs.
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
/// Only one thread at a time may register: that is the contract of whoever owns the cell, and a
/// second one that comes at the same time is not registered. It may be a different task than
/// before: then the older waker is replaced, and dropped.
pub struct AtomicWaker {
    /// Null, or a box that whoever takes it out owns.
    waker: AtomicPtr<Waker>,
}

impl AtomicWaker {
    /// An empty one.
    pub const fn new() -> AtomicWaker {
        AtomicWaker {
            waker: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    /// From now on `waker` is the one to wake. If a wake comes at the same time, it is woken at
    /// once, so that none is missed.
    pub fn register(&self, waker: &Waker) {
        let waker = waker.clone();
        let new = Box::into_raw(Box::new(waker));
        let older = self.waker.swap(new, Ordering::AcqRel);
        if !older.is_null() {
            // SAFETY: it came from `Box::into_raw`, and we have taken it out.
            drop(unsafe { Box::from_raw(older) });
        }
    }

    /// Wakes whoever is registered, if anybody is.
    pub fn wake(&self) {
        if let Some(waker) = self.take() {
            waker.wake();
        }
    }

    /// Takes the waker out, to be woken later. `None` if there is none, or if it is just being
    /// registered: then whoever registers wakes it.
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
