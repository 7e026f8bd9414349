//! Apply the idea.
//! Several tasks wait until something has been done so many times: until four workers
//! have finished, say. Build the latch that lets them all go on. The chapter has had one who waits
//! at a time; here there are many.

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
// STUB: // Locks, atomics and threads: from `crate::sync`, in whose place the check puts its own.
// STUB: use crate::sync::{Arc, Mutex};
// YOURS_END

/// Opens once it has been counted down to zero, for everybody who waits, and stays open. Clones are
/// the same latch.
#[derive(Clone)]
pub struct Latch {
    // YOURS
    shared: Arc<Mutex<State>>,
    // STUB: left: usize, // Yours to replace.
    // YOURS_END
}

/// A future that is ready when the latch is open. There may be any number of them.
///
/// Each is woken once when the latch opens: whoever polled it last. A wake is given with no lock
/// held, so the one who is woken may poll at once. Nor is a lock held when a waker is dropped: its
/// destructor may come back to this latch. Polling it again after it was ready is allowed: it is
/// ready again.
///
/// # Cancel safety
///
/// Nothing is lost if it is dropped: it takes no part in the counting. It leaves no waker behind.
#[must_use = "a wait does nothing until it is polled"]
pub struct Wait {
    // YOURS
    shared: Arc<Mutex<State>>,
    place: Option<usize>,
    // STUB: latch: Latch, // Yours to replace.
    // YOURS_END
}

impl Latch {
    /// A latch that opens after so many calls of [`count_down`](Latch::count_down). With 0 it is
    /// open from the beginning.
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

    /// Counts down by one. At zero the latch opens, and everybody who waits is woken. Once it is
    /// open this does nothing.
    pub fn count_down(&self) {
        // YOURS
        let woken = lock(&self.shared).count_down();
        for waker in woken {
            waker.wake();
        }
        // STUB: todo!("one less; and at zero?")
        // YOURS_END
    }

    /// Waits until it is open.
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
        // STUB: todo!("is it open? if not, who is to be woken?")
        // YOURS_END
    }
}
// YOURS

impl Drop for Wait {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            let _nobody = lock(&self.shared).leave(place);
        }
    }
}

/// What all halves of a latch know. It opens once, and never closes.
///
/// ```text
///   Counting ── count_down, to zero: wakes all ──▶ Open
/// ```
enum State {
    Counting {
        left: usize,
        /// A place for each that was ever polled; empty once it is gone.
        waiting: Vec<Option<Waker>>,
    },
    Open,
}

impl State {
    /// Returns who is to be woken, once the lock is released.
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

    /// Takes the waker in, and returns the one that it replaces, to be dropped once the lock is
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

/// The first place that somebody has left, or a new one.
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
