//! The locks, atomics and threads of this chapter.
//!
//! They are the standard library's. A file that says `use crate::sync::…` in place of `use
//! std::sync::…` leaves the choice to the crate that builds it. A check puts a module of the same
//! name in this one's place. Its locks and threads belong to a model, which decides at every step
//! which thread goes on, so the same file is tried under hundreds of interleavings.

pub use std::sync::{
    Arc, Barrier, BarrierWaitResult, Condvar, LazyLock, LockResult, Mutex, MutexGuard, Once,
    OnceLock, OnceState, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError,
    TryLockResult, WaitTimeoutResult, Weak, atomic, mpsc,
};
pub use std::{hint, thread, thread_local};

/// A cell that several threads may reach, and that its user must guard:
/// [`std::cell::UnsafeCell`], entered by a function so that a model can notice when two threads are
/// inside at once.
#[derive(Debug, Default)]
pub struct UnsafeCell<T> {
    inner: std::cell::UnsafeCell<T>,
}

impl<T> UnsafeCell<T> {
    /// A cell that holds `value`.
    pub const fn new(value: T) -> UnsafeCell<T> {
        UnsafeCell {
            inner: std::cell::UnsafeCell::new(value),
        }
    }

    /// Goes inside: `visit` gets a pointer to the contents, which it may read and write as long as
    /// no other thread is inside.
    pub fn with_mut<R>(&self, visit: impl FnOnce(*mut T) -> R) -> R {
        visit(self.inner.get())
    }
}
