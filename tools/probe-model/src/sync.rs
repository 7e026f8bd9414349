//! What code under the model uses in place of `std::sync` and `std::thread`.
//!
//! The names are those of the course's own `sync` modules, which have std's things under them: what compiles with one compiles with
//! the other. The ways to sleep are the model's own in one respect: each of them is noted, see [`last_sleep`](crate::last_sleep).

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::orderings::{Access, UNORDERED};

pub use shuttle::hint;
pub use shuttle::sync::{
    Arc, Barrier, BarrierWaitResult, LockResult, Once, OnceState, PoisonError, TryLockError,
    TryLockResult, Weak,
};
pub use shuttle::thread_local;

pub use condvar::{Condvar, WaitTimeoutResult};
pub use locks::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
pub use once::{LazyLock, OnceLock};

pub mod atomic;
mod condvar;
mod locks;
pub mod mpsc;
mod once;
pub mod thread;

/// What the panic says when two threads are inside one cell.
pub(crate) const CLASH: &str = "two threads were inside one cell at the same time";

std::thread_local! {
    static INSIDE: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

/// Does something once, on the thread that enters an [`UnsafeCell`] next, while it is inside: the moment that another thread would have
/// to hit. Code that uses no such cell never gets there.
pub fn inside_the_next_cell(step: impl FnOnce() + 'static) {
    INSIDE.set(Some(Box::new(step)));
}

/// A step that was not taken belongs to a model that has finished: nothing may touch what it holds.
pub(crate) fn forget_the_step() {
    std::mem::forget(INSIDE.take());
}

/// A cell that several threads may reach, and that its user must guard: [`std::cell::UnsafeCell`] with a guard of its own, which panics
/// when two threads are inside at once.
#[derive(Debug, Default)]
pub struct UnsafeCell<T> {
    inner: std::cell::UnsafeCell<T>,
    busy: AtomicBool,
    last: Access,
}

impl<T> UnsafeCell<T> {
    /// A cell that holds `value`.
    pub const fn new(value: T) -> UnsafeCell<T> {
        UnsafeCell {
            inner: std::cell::UnsafeCell::new(value),
            busy: AtomicBool::new(false),
            last: Access::new(),
        }
    }

    /// Goes inside: `visit` gets a pointer to the contents, which it may read and write as long as no other thread is inside.
    ///
    /// # Panics
    ///
    /// If another thread is.
    pub fn with_mut<R>(&self, visit: impl FnOnce(*mut T) -> R) -> R {
        // Not while a panic unwinds: the model's threads do not take turns any more.
        let turns = !std::thread::panicking();
        assert!(
            !self.busy.swap(true, Ordering::Relaxed) || !turns,
            "{CLASH}"
        );
        if turns {
            if let Some(step) = INSIDE.take() {
                step();
            }
            thread::yield_now();
        }
        self.last.begins(UNORDERED);
        let result = visit(self.inner.get());
        self.last.ends();
        self.busy.store(false, Ordering::Relaxed);
        result
    }
}
