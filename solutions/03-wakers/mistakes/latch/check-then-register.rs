//! Checks an atomic count first, and puts the waker on the list after that.
//!
//! Apply the idea.
//!
//! Several tasks wait until an event has happened a number of times: until four workers have
//! finished, for example. Build the latch that wakes them all. So far each future of the chapter was
//! the only one that waited for its event. Here many wait for one.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Arc, Mutex};

/// Opens when it has been counted down to zero, and stays open. Clones are the same latch.
#[derive(Clone)]
pub struct Latch {
    shared: Arc<Shared>,
}

/// A future that is ready when the latch is open, and pending before. There may be any number of
/// waits.
///
/// When the latch opens, it wakes the task that polled each wait last, once. It wakes no task before
/// that. The latch holds no lock while it calls or drops a waker: a woken task may poll at once, and
/// the destructor of a waker may use this latch. A wait that is polled again after it was ready is
/// ready again.
///
/// # Cancel safety
///
/// Dropping a wait loses nothing: a wait does not count. A dropped wait keeps no waker.
#[must_use = "a wait does nothing until it is polled"]
pub struct Wait {
    shared: Arc<Shared>,
    number: Option<usize>,
}

impl Latch {
    /// A latch that opens after `count` calls of [`count_down`](Latch::count_down). With 0 it is open
    /// from the beginning.
    pub fn new(count: usize) -> Latch {
        Latch {
            shared: Arc::new(Shared {
                left: AtomicUsize::new(count),
                next: AtomicUsize::new(0),
                waiting: Mutex::new(BTreeMap::new()),
            }),
        }
    }

    /// Counts down by one. At zero the latch opens, and wakes every wait. If the latch is open already,
    /// does nothing.
    pub fn count_down(&self) {
        let before = self
            .shared
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        if before == Ok(1) {
            let waiting = std::mem::take(&mut *self.shared.waiting.lock().unwrap());
            for waker in waiting.into_values() {
                waker.wake();
            }
        }
    }

    /// A future that waits until the latch is open.
    pub fn wait(&self) -> Wait {
        Wait {
            shared: Arc::clone(&self.shared),
            number: None,
        }
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let shared = &this.shared;
        let number = *this
            .number
            .get_or_insert_with(|| shared.next.fetch_add(1, Ordering::Relaxed));
        // ANCHOR: mistake
        if shared.left.load(Ordering::SeqCst) == 0 {
            return Poll::Ready(());
        }
        let waker = context.waker().clone();
        shared.waiting.lock().unwrap().insert(number, waker);
        Poll::Pending
        // ANCHOR_END: mistake
    }
}

use std::collections::BTreeMap;

struct Shared {
    left: AtomicUsize,
    next: AtomicUsize,
    waiting: Mutex<BTreeMap<usize, Waker>>,
}

impl Drop for Wait {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            let waker = self.shared.waiting.lock().unwrap().remove(&number);
            drop(waker);
        }
    }
}

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
