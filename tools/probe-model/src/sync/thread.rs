//! Threads of the model. Time does not pass in it, so a sleep for a time returns at once.

use std::cell::Cell;
use std::io;
use std::time::Duration;

pub use shuttle::thread::*;

use crate::sleep::{Sleep, note};

std::thread_local! {
    // All threads of a model are one thread of the system, so this is one place for all of them.
    static REFUSES: Cell<bool> = const { Cell::new(false) };
}

/// From now on the system refuses to start threads, or starts them again: [`Builder::spawn`] returns an error, or a thread.
pub fn system_refuses_threads(refuses: bool) {
    REFUSES.set(refuses);
}

/// [`std::thread::Builder`].
#[derive(Debug, Default)]
pub struct Builder(shuttle::thread::Builder);

impl Builder {
    /// A thread without a name.
    #[must_use]
    pub fn new() -> Builder {
        Builder(shuttle::thread::Builder::new())
    }

    /// The thread's name.
    #[must_use]
    pub fn name(self, name: String) -> Builder {
        Builder(self.0.name(name))
    }

    /// The size of its stack in bytes.
    #[must_use]
    pub fn stack_size(self, size: usize) -> Builder {
        Builder(self.0.stack_size(size))
    }

    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// If the system refuses it: see [`system_refuses_threads`].
    #[track_caller]
    pub fn spawn<F, T>(self, body: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        if REFUSES.get() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.0.spawn(body)
    }
}

/// [`std::thread::park`]. It may return for nothing while another thread can go on.
pub fn park() {
    shuttle::thread::park();
    note(Sleep::Parked);
}

/// [`std::thread::park_timeout`]: the time is always over, and a token stays where it is.
pub fn park_timeout(_: Duration) {
    yield_now();
    note(Sleep::ForATime);
}

/// [`std::thread::sleep`].
pub fn sleep(_: Duration) {
    yield_now();
    note(Sleep::ForATime);
}
