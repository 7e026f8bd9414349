//! A value that only one thread reaches, inside of something that all threads share.
//!
//! `thread::current().id()` would do as a number, and costs a reference count. Here the number of a
//! thread is a thread-local word: to read it is one instruction.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

crate::sync::thread_local! {
    /// This thread's number, or 0 as long as nothing belongs to it.
    static NUMBER: Cell<u64> = const { Cell::new(0) };
}

/// The calling thread, as a value that stays on it.
#[derive(Debug, Clone, Copy)]
pub struct ThisThread {
    number: u64,
    /// Neither `Send` nor `Sync`.
    _stays: PhantomData<*const ()>,
}

impl ThisThread {
    // ANCHOR: this_thread
    /// The calling thread. One instruction reads its number.
    #[inline]
    #[must_use]
    pub fn get() -> ThisThread {
        ThisThread {
            number: NUMBER.with(Cell::get),
            _stays: PhantomData,
        }
    }
    // ANCHOR_END: this_thread

    /// The calling thread, which has a number from now on.
    #[must_use]
    pub fn with_number() -> ThisThread {
        if NUMBER.with(Cell::get) == 0 {
            static NEXT: AtomicU64 = AtomicU64::new(1);
            // Relaxed: the numbers only have to differ.
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            NUMBER.with(|own| own.set(number));
        }
        ThisThread::get()
    }

    /// Its number: 0, if it has none, and otherwise one that no other thread of the process has had or
    /// will have.
    #[inline]
    #[must_use]
    pub fn number(self) -> u64 {
        self.number
    }
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

// SAFETY: a shared `OwnThread` gives out its value in one place, `get_on`, and there only on the thread whose
// number it holds, which is not 0: a `ThisThread` is made on the thread that it names, and stays there, and no
// two threads have the same number but 0. So one thread at most uses `&T`, and `T: Sync` is not needed. Another thread may drop the value,
// for which `T: Send` is needed.
unsafe impl<T: Send> Sync for OwnThread<T> {}

impl<T> OwnThread<T> {
    /// A value that the calling thread can reach.
    #[must_use]
    pub fn new(value: T) -> OwnThread<T> {
        OwnThread {
            thread: ThisThread::with_number().number,
            value,
        }
    }

    /// The value; `None` on any other thread.
    #[inline]
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.get_on(ThisThread::get())
    }

    // ANCHOR: own_thread
    /// The same, for a caller that knows its thread already.
    #[inline]
    #[must_use]
    pub fn get_on(&self, thread: ThisThread) -> Option<&T> {
        (self.thread == thread.number).then_some(&self.value)
    }
    // ANCHOR_END: own_thread
}

impl<T> fmt::Debug for OwnThread<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("OwnThread").field(&self.thread).finish()
    }
}
