//! Deep: a place for one waker, without a lock.
#![allow(unsafe_code)]

use std::fmt;
use std::task::Waker;

use crate::sync::UnsafeCell;
use crate::sync::atomic::{AtomicUsize, Ordering};

/// Nobody is at the cell.
const IDLE: usize = 0;
/// One who registers is inside the cell.
const REGISTERING: usize = 0b01;
/// One who takes is inside the cell; or, together with [`REGISTERING`], has come while somebody
/// registered, and has gone again.
const TAKING: usize = 0b10;

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
    /// Which of the states above. Whoever changed it from [`IDLE`] is the only one who may enter
    /// the cell.
    state: AtomicUsize,
    /// The waker, as long as somebody waits. Entered by whoever changed `state` from `IDLE`, and by
    /// nobody else, until it is changed back.
    waker: UnsafeCell<Option<Waker>>,
}

// SAFETY: `waker` is entered only by the one thread that has changed `state` from `IDLE`, and what
// is in it is `Send + Sync`.
unsafe impl Sync for AtomicWaker {}

impl AtomicWaker {
    /// An empty one.
    pub const fn new() -> AtomicWaker {
        AtomicWaker {
            state: AtomicUsize::new(IDLE),
            waker: UnsafeCell::new(None),
        }
    }

    // ANCHOR: register
    /// From now on `waker` is the one to wake. If a wake comes at the same time, it is woken at
    /// once, so that none is missed.
    pub fn register(&self, waker: &Waker) {
        // YOURS
        let waker = waker.clone();
        // `Acquire` pairs with the `Release` with which the one who was inside before left: we see
        // the cell as they left it. On failure it pairs with the `Release` half in `take`: the look
        // that follows sees the event that they came for.
        match self
            .state
            .compare_exchange(IDLE, REGISTERING, Ordering::Acquire, Ordering::Acquire)
        {
            Ok(_) => {
                let older = self.replace(Some(waker));
                self.finish_registering();
                drop(older);
            }
            // Somebody is taking the older waker: the event has happened.
            Err(TAKING) => waker.wake(),
            // Somebody else registers, which the contract forbids: theirs is kept.
            Err(_) => {}
        }
        // STUB: todo!("enter if nobody is inside, and store the waker; what if somebody is?")
        // YOURS_END
    }
    // ANCHOR_END: register

    /// Wakes whoever is registered, if anybody is.
    pub fn wake(&self) {
        if let Some(waker) = self.take() {
            waker.wake();
        }
    }

    // ANCHOR: take
    /// Takes the waker out, to be woken later. `None` if there is none, or if it is just being
    /// registered: then whoever registers wakes it.
    pub fn take(&self) -> Option<Waker> {
        // YOURS
        // `Acquire` pairs with the `Release` of the one who was inside before, so that we see the
        // waker. `Release` pairs with the `Acquire` in `register` and `finish_registering`: one who
        // finds our mark also sees the event that came before it.
        match self.state.fetch_or(TAKING, Ordering::AcqRel) {
            IDLE => {
                let waker = self.replace(None);
                // Pairs with the `Acquire` of the next one inside.
                self.state.fetch_and(!TAKING, Ordering::Release);
                waker
            }
            _ => None,
        }
        // STUB: todo!("enter if nobody is inside, and take what is there; what if somebody is?")
        // YOURS_END
    }
    // ANCHOR_END: take
    // YOURS

    // ANCHOR: finish
    /// Leaves the cell, and wakes what was just stored in it if somebody came to take it in the
    /// meantime.
    fn finish_registering(&self) {
        // `Release` pairs with the `Acquire` in `take`: who takes the waker sees it whole. On
        // failure, `Acquire` pairs with the `Release` half in `take`: we see the event that it is
        // about.
        let left =
            self.state
                .compare_exchange(REGISTERING, IDLE, Ordering::Release, Ordering::Acquire);
        if left.is_err() {
            // The state is `REGISTERING | TAKING`: they went away again, and the cell is still
            // ours.
            let waker = self.replace(None);
            // `Release` pairs with the `Acquire` of the next one inside; `Acquire` with the
            // `Release` half in a later `take`.
            self.state.swap(IDLE, Ordering::AcqRel);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
    // ANCHOR_END: finish

    // ANCHOR: replace
    /// Changes what is in the cell. Only for whoever has changed `state` from `IDLE`.
    fn replace(&self, waker: Option<Waker>) -> Option<Waker> {
        self.waker.with_mut(|cell| {
            // SAFETY: the caller has changed `state` from `IDLE`, so nobody else is inside until it
            // changes it back.
            unsafe { cell.replace(waker) }
        })
    }
    // ANCHOR_END: replace
    // YOURS_END
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
