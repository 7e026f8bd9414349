//! A signal for many tasks: one call wakes all that wait.

// YOURS
use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
// YOURS_END
use std::sync::Mutex;
// YOURS
use std::sync::{MutexGuard, PoisonError};
// YOURS_END
use std::task::Waker;

/// A signal for which many tasks wait, on any thread. [`wake_all`](Signal::wake_all) wakes all of them.
///
/// A waker is caller-supplied code: calling it, cloning it and dropping it may call this signal again,
/// on the same thread or on another one.
pub struct Signal {
    waiting: Mutex<Vec<Waker>>,
    // YOURS
    /// The memory of the last batch, for the next one. Empty.
    spare: Mutex<Vec<Waker>>,
    // YOURS_END
}

impl Signal {
    /// A signal for which no task waits.
    #[must_use]
    pub fn new() -> Signal {
        Signal {
            waiting: Mutex::default(),
            // YOURS
            spare: Mutex::default(),
            // YOURS_END
        }
    }

    /// Keeps this waker for the next [`wake_all`](Signal::wake_all). One that is added twice is called twice.
    pub fn wait(&self, waker: Waker) {
        // YOURS
        lock(&self.waiting).push(waker);
        // STUB: todo!("keep it")
        // YOURS_END
    }

    /// Wakes the tasks that wait now, in the order in which they came, each once. Returns how many.
    ///
    /// A waker that is added meanwhile, by a task that is woken or by another thread, waits for the next
    /// call. When a waker panics, the others are still called. Then the first panic goes on to the caller.
    ///
    /// Many tasks wait, are woken, and wait again. Once as many have waited as ever will, neither `wait` nor
    /// `wake_all` allocates. Only while one `wake_all` calls the wakers, a second one and a `wait` may allocate.
    pub fn wake_all(&self) -> usize {
        // YOURS
        let mut batch = mem::take(&mut *lock(&self.spare));
        mem::swap(&mut batch, &mut *lock(&self.waiting));
        let count = batch.len();
        let mut first: Option<Box<dyn Any + Send>> = None;
        for waker in batch.drain(..) {
            let woken = catch_unwind(AssertUnwindSafe(|| waker.wake()));
            first = first.or(woken.err());
        }
        let mut spare = lock(&self.spare);
        if spare.capacity() < batch.capacity() {
            *spare = batch;
        }
        drop(spare);
        if let Some(panic) = first {
            resume_unwind(panic);
        }
        count
        // STUB: todo!("wake all that wait now")
        // YOURS_END
    }
}
// YOURS

/// What is inside is a list of wakers, which no panic leaves half changed.
fn lock(wakers: &Mutex<Vec<Waker>>) -> MutexGuard<'_, Vec<Waker>> {
    wakers.lock().unwrap_or_else(PoisonError::into_inner)
}
// YOURS_END

impl Default for Signal {
    fn default() -> Signal {
        Signal::new()
    }
}
