//! A value that only one thread reaches, inside of something that all threads share.
//!
//! `thread::current().id()` would do as a number, and costs a reference count. Here the number of a
//! thread is a thread-local word: to read it is one instruction.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

thread_local! {
    /// This thread's number, or 0 before it was asked for.
    static NUMBER: Cell<u64> = const { Cell::new(0) };
}

/// The number of the calling thread. No other thread of the process has had it, or will have it.
#[inline]
#[must_use]
pub fn this_thread() -> u64 {
    match NUMBER.get() {
        0 => first_number(),
        number => number,
    }
}

#[cold]
fn first_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    // Relaxed: the numbers only have to differ.
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    NUMBER.set(number);
    number
}

/// A value that only the thread which made it can reach. Any thread may hold this, and drop it.
///
/// ```
/// use speed::own_thread::OwnThread;
/// use std::cell::Cell;
/// use std::thread;
///
/// let value = OwnThread::new(Cell::new(1));
/// value.get().unwrap().set(2);
/// thread::scope(|scope| {
///     scope.spawn(|| assert!(value.get().is_none()));
/// });
/// assert_eq!(value.get().unwrap().get(), 2);
/// ```
pub struct OwnThread<T> {
    thread: u64,
    value: T,
}

// SAFETY: a shared `OwnThread` gives out its value in one place, `get`, and there only on the thread whose
// number it holds. `this_thread` gives each thread a number of its own. So one thread at most uses
// `&T`, and `T: Sync` is not needed. Another thread may drop the value, for which `T: Send` is needed.
unsafe impl<T: Send> Sync for OwnThread<T> {}

impl<T> OwnThread<T> {
    /// A value that the calling thread can reach.
    #[must_use]
    pub fn new(value: T) -> OwnThread<T> {
        OwnThread {
            thread: this_thread(),
            value,
        }
    }

    /// The value; `None` on any other thread.
    #[inline]
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        (self.thread == this_thread()).then_some(&self.value)
    }
}

impl<T> fmt::Debug for OwnThread<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("OwnThread").field(&self.thread).finish()
    }
}
