//! Apply the idea.
//!
//! Several tasks wait until an event has happened a number of times: until four workers have
//! finished, for example. Build the latch that wakes them all. So far each future of the chapter was
//! the only one that waited for its event. Here many wait for one.

use std::fmt;
use std::future::Future;
// YOURS
use std::mem;
// YOURS_END
use std::pin::Pin;
// YOURS
use std::task::{Context, Poll, Waker};

use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};
// STUB: use std::task::{Context, Poll};
// STUB:
// STUB: // Locks, atomics and threads: from `crate::sync`. The check replaces that module by its own.
// STUB: use crate::sync::{Arc, Mutex};
// YOURS_END

/// Opens when it has been counted down to zero, and stays open. Clones are the same latch.
#[derive(Clone)]
pub struct Latch {
    // YOURS
    shared: Arc<Mutex<State>>,
    // STUB: left: usize, // Yours to replace.
    // YOURS_END
}

/// A future that is ready when the latch is open, and pending before. There may be any number of
/// waits.
///
/// When the latch opens, it wakes the task that polled each wait last, once. It wakes no task before
/// that. The latch holds no lock while it calls or drops a waker: a woken task may poll at once, and
/// the destructor of a waker may use this latch. A clone of a waker under the lock is accepted. A wait
/// that is polled again after it was ready is ready again.
///
/// # Cancel safety
///
/// Dropping a wait loses nothing: a wait does not count. A dropped wait keeps no waker.
#[must_use = "a wait does nothing until it is polled"]
pub struct Wait {
    // YOURS
    shared: Arc<Mutex<State>>,
    place: Option<usize>,
    // STUB: latch: Latch, // Yours to replace.
    // YOURS_END
}

impl Latch {
    /// A latch that opens after `count` calls of [`count_down`](Latch::count_down). With 0 it is open
    /// from the beginning.
    pub fn new(count: usize) -> Latch {
        // YOURS
        let state = match count {
            0 => State::Open,
            left => State::Counting {
                left,
                waiting: Vec::new(),
            },
        };
        let shared = Arc::new(Mutex::new(state));
        Latch { shared }
        // STUB: todo!("a latch that is still to be counted down")
        // YOURS_END
    }

    /// Counts down by one. At zero the latch opens, and wakes every wait. If the latch is open already,
    /// does nothing.
    pub fn count_down(&self) {
        // YOURS
        let woken = lock(&self.shared).count_down();
        for waker in woken {
            waker.wake();
        }
        // STUB: todo!("one less; and at zero?")
        // YOURS_END
    }

    /// A future that waits until the latch is open.
    pub fn wait(&self) -> Wait {
        // YOURS
        Wait {
            shared: Arc::clone(&self.shared),
            place: None,
        }
        // STUB: todo!("a future that is ready when the latch is open")
        // YOURS_END
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // YOURS
        let waker = context.waker().clone();
        let this = &mut *self;
        let (poll, _older) = lock(&this.shared).wait(&mut this.place, waker);
        poll
        // STUB: todo!("is it open? if not, which task will you wake?")
        // YOURS_END
    }
}
// YOURS

impl Drop for Wait {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            let _waker = lock(&self.shared).leave(place);
        }
    }
}

/// The state that all clones and waits share. A latch opens once, and never closes.
///
/// ```text
///   Counting ── count_down, to zero: wakes all ──▶ Open
/// ```
enum State {
    Counting {
        left: usize,
        /// A slot for each wait that was polled; empty after the wait is dropped.
        waiting: Vec<Option<Waker>>,
    },
    Open,
}

impl State {
    /// Returns the wakers to call after the lock is released.
    fn count_down(&mut self) -> Vec<Waker> {
        match self {
            State::Counting { left, .. } if *left > 1 => *left -= 1,
            State::Counting { .. } => {
                if let State::Counting { waiting, .. } = mem::replace(self, State::Open) {
                    return waiting.into_iter().flatten().collect();
                }
            }
            State::Open => {}
        }
        Vec::new()
    }

    /// Stores the waker, and returns the one that it replaces, to be dropped after the lock is
    /// released.
    fn wait(&mut self, place: &mut Option<usize>, waker: Waker) -> (Poll<()>, Option<Waker>) {
        let State::Counting { waiting, .. } = self else {
            return (Poll::Ready(()), Some(waker));
        };
        let place = *place.get_or_insert_with(|| free_place(waiting));
        (Poll::Pending, waiting[place].replace(waker))
    }

    fn leave(&mut self, place: usize) -> Option<Waker> {
        match self {
            State::Counting { waiting, .. } => waiting[place].take(),
            State::Open => None,
        }
    }
}

/// The first empty slot, or a new one.
fn free_place(waiting: &mut Vec<Option<Waker>>) -> usize {
    let free = waiting.iter().position(Option::is_none);
    free.unwrap_or_else(|| {
        waiting.push(None);
        waiting.len() - 1
    })
}

fn lock(shared: &Mutex<State>) -> MutexGuard<'_, State> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
// YOURS_END

impl fmt::Debug for Latch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Latch")
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Wait")
    }
}
