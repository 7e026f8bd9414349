//! Looks at an atomic count, and then puts the waker on the list.
//!
//! Apply the idea.
//! Several tasks wait until something has been done so many times: until four workers
//! have finished, say. Build the latch that lets them all go on. The chapter has had one who waits
//! at a time; here there are many.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Arc, Mutex};

/// Opens once it has been counted down to zero, for everybody who waits, and stays open. Clones are
/// the same latch.
#[derive(Clone)]
pub struct Latch {
    shared: Arc<Shared>,
}

/// A future that is ready when the latch is open. There may be any number of them.
///
/// Each is woken once when the latch opens: whoever polled it last. A wake is given with no lock
/// held, so the one who is woken may poll at once. Polling it again after it was ready is allowed:
/// it is ready again.
///
/// # Cancel safety
///
/// Nothing is lost if it is dropped: it takes no part in the counting. It leaves no waker behind.
#[must_use = "a wait does nothing until it is polled"]
pub struct Wait {
    shared: Arc<Shared>,
    number: Option<usize>,
}

impl Latch {
    /// A latch that opens after so many calls of [`count_down`](Latch::count_down). With 0 it is
    /// open from the beginning.
    pub fn new(count: usize) -> Latch {
        Latch {
            shared: Arc::new(Shared {
                left: AtomicUsize::new(count),
                next: AtomicUsize::new(0),
                waiting: Mutex::new(BTreeMap::new()),
            }),
        }
    }

    /// Counts down by one. At zero the latch opens, and everybody who waits is woken. Once it is
    /// open this does nothing.
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

    /// Waits until it is open.
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
