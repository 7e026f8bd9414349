//! A signal for many tasks: one call wakes all that wait.

use std::sync::Mutex;
use std::task::Waker;

/// A signal for which many tasks wait, on any thread. [`wake_all`](Signal::wake_all) wakes all of them.
///
/// A waker is caller-supplied code: calling it, cloning it and dropping it may call this signal again,
/// on the same thread or on another one.
pub struct Signal {
    waiting: Mutex<Vec<Waker>>,
}

impl Signal {
    /// A signal for which no task waits.
    #[must_use]
    pub fn new() -> Signal {
        Signal {
            waiting: Mutex::default(),
        }
    }

    /// Keeps this waker for the next [`wake_all`](Signal::wake_all). One that is added twice is called twice.
    pub fn wait(&self, waker: Waker) {
        todo!("keep it")
    }

    /// Wakes the tasks that wait now, in the order in which they came, each once. Returns how many.
    ///
    /// A waker that is added meanwhile, by a task that is woken or by another thread, waits for the next
    /// call. When a waker panics, the others are still called. Then the first panic goes on to the caller.
    ///
    /// Many tasks wait, are woken, and wait again. Once as many have waited as ever will, neither `wait` nor
    /// `wake_all` allocates. Only while one `wake_all` calls the wakers, a second one and a `wait` may allocate.
    pub fn wake_all(&self) -> usize {
        todo!("wake all that wait now")
    }
}

impl Default for Signal {
    fn default() -> Signal {
        Signal::new()
    }
}
