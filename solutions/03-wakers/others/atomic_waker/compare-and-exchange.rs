//! No read-modify-write but compare-and-exchange, in one function for all changes.
#![allow(unsafe_code)]

use std::fmt;
use std::task::Waker;

use crate::sync::UnsafeCell;
use crate::sync::atomic::{AtomicUsize, Ordering};

const IDLE: usize = 0;
const REGISTERING: usize = 0b01;
const TAKING: usize = 0b10;

pub struct AtomicWaker {
    state: AtomicUsize,
    waker: UnsafeCell<Option<Waker>>,
}

// SAFETY: only the one call that changed `state` from `IDLE` enters `waker`, and a `Waker` is `Send +
// Sync`.
unsafe impl Sync for AtomicWaker {}

impl AtomicWaker {
    pub const fn new() -> AtomicWaker {
        AtomicWaker {
            state: AtomicUsize::new(IDLE),
            waker: UnsafeCell::new(None),
        }
    }

    pub fn register(&self, waker: &Waker) {
        let mine = waker.clone();
        match self.change(IDLE, REGISTERING) {
            Err(TAKING) => mine.wake(),
            Err(_) => {}
            Ok(()) => {
                let _older = self.exchange(Some(mine));
                // A `take` that came meanwhile is answered here, and the waker is out before the cell is left.
                if self.change(REGISTERING, IDLE).is_err() {
                    let missed = self.exchange(None);
                    let left = self.change(REGISTERING | TAKING, IDLE);
                    debug_assert!(left.is_ok(), "nothing else changes it");
                    if let Some(missed) = missed {
                        missed.wake();
                    }
                }
            }
        }
    }

    pub fn wake(&self) {
        if let Some(waker) = self.take() {
            waker.wake();
        }
    }

    pub fn take(&self) -> Option<Waker> {
        let mut state = self.state.load(Ordering::Acquire);
        loop {
            match self.change(state, state | TAKING) {
                // A call inside has seen it, or will see it when it leaves.
                Ok(()) if state != IDLE => return None,
                Ok(()) => break,
                Err(now) => state = now,
            }
        }
        let waker = self.exchange(None);
        let left = self.change(TAKING, IDLE);
        debug_assert!(left.is_ok(), "nothing else changes it");
        waker
    }

    /// `AcqRel` throughout: each change hands the cell, or what is known of an event, from one call to the next.
    fn change(&self, from: usize, to: usize) -> Result<(), usize> {
        self.state
            .compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire)
            .map(drop)
    }

    /// The caller is inside the cell.
    fn exchange(&self, waker: Option<Waker>) -> Option<Waker> {
        // SAFETY: the caller is the one call inside, as it changed `state` from `IDLE`.
        self.waker
            .with_mut(|cell| std::mem::replace(unsafe { &mut *cell }, waker))
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
