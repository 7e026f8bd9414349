//! Remembers a position in a list, from which a dropped wait is removed.
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

use crate::sync::{Arc, Mutex};

/// Opens when it has been counted down to zero, and stays open. Clones are the same latch.
#[derive(Clone)]
pub struct Latch {
    shared: Arc<Mutex<Shared>>,
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
    shared: Arc<Mutex<Shared>>,
    number: Option<usize>,
}

impl Latch {
    /// A latch that opens after `count` calls of [`count_down`](Latch::count_down). With 0 it is open
    /// from the beginning.
    pub fn new(count: usize) -> Latch {
        Latch {
            shared: Arc::new(Mutex::new(Shared {
                left: count,
                waiting: Vec::new(),
            })),
        }
    }

    /// Counts down by one. At zero the latch opens, and wakes every wait. If the latch is open already,
    /// does nothing.
    pub fn count_down(&self) {
        let mut shared = self.shared.lock().unwrap();
        shared.left = shared.left.saturating_sub(1);
        if shared.left > 0 {
            return;
        }
        let waiting = std::mem::take(&mut shared.waiting);
        drop(shared);
        for waker in waiting {
            waker.wake();
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
        let mut shared = this.shared.lock().unwrap();
        if shared.left == 0 {
            return Poll::Ready(());
        }
        match this.number {
            Some(place) if place < shared.waiting.len() => {
                shared.waiting[place] = context.waker().clone();
            }
            _ => {
                this.number = Some(shared.waiting.len());
                shared.waiting.push(context.waker().clone());
            }
        }
        Poll::Pending
    }
}

struct Shared {
    left: usize,
    waiting: Vec<Waker>,
}

impl Drop for Wait {
    fn drop(&mut self) {
        // ANCHOR: mistake
        if let Some(place) = self.number {
            let mut shared = self.shared.lock().unwrap();
            if place < shared.waiting.len() {
                shared.waiting.remove(place);
            }
        }
        // ANCHOR_END: mistake
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
