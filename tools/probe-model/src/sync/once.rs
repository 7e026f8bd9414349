//! Values that are initialized once.

use std::fmt;
use std::ops::Deref;
use std::sync::PoisonError;

use super::{Mutex, MutexGuard, thread};

/// [`std::sync::OnceLock`].
pub struct OnceLock<T> {
    value: std::sync::OnceLock<T>,
    /// Held during an initialization: other threads wait here, and the model sees them.
    initializing: Mutex<()>,
}

impl<T> OnceLock<T> {
    /// [`std::sync::OnceLock::new`].
    #[must_use]
    pub const fn new() -> OnceLock<T> {
        OnceLock {
            value: std::sync::OnceLock::new(),
            initializing: Mutex::new(()),
        }
    }

    /// [`std::sync::OnceLock::get`].
    pub fn get(&self) -> Option<&T> {
        // During a panic the model's threads do not take turns.
        if !std::thread::panicking() {
            thread::yield_now();
        }
        self.value.get()
    }

    /// [`std::sync::OnceLock::get_mut`].
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut()
    }

    /// [`std::sync::OnceLock::set`].
    ///
    /// # Errors
    ///
    /// The value, if there was one already.
    pub fn set(&self, value: T) -> Result<(), T> {
        let _guard = self.lock();
        self.value.set(value)
    }

    /// [`std::sync::OnceLock::get_or_init`].
    pub fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        let _guard = self.lock();
        self.value.get_or_init(make)
    }

    /// [`std::sync::OnceLock::take`].
    pub fn take(&mut self) -> Option<T> {
        self.value.take()
    }

    /// [`std::sync::OnceLock::into_inner`].
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.initializing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for OnceLock<T> {
    fn default() -> OnceLock<T> {
        OnceLock::new()
    }
}

impl<T> From<T> for OnceLock<T> {
    fn from(value: T) -> OnceLock<T> {
        OnceLock {
            value: std::sync::OnceLock::from(value),
            initializing: Mutex::new(()),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(out)
    }
}

/// [`std::sync::LazyLock`].
pub struct LazyLock<T, F = fn() -> T> {
    value: OnceLock<T>,
    make: std::sync::Mutex<Option<F>>,
}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// [`std::sync::LazyLock::new`].
    pub const fn new(make: F) -> LazyLock<T, F> {
        LazyLock {
            value: OnceLock::new(),
            make: std::sync::Mutex::new(Some(make)),
        }
    }

    /// [`std::sync::LazyLock::force`].
    ///
    /// # Panics
    ///
    /// If an earlier initialization panicked.
    pub fn force(this: &LazyLock<T, F>) -> &T {
        this.value.get_or_init(|| {
            let make = this
                .make
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            make.expect("LazyLock instance has previously been poisoned")()
        })
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;

    fn deref(&self) -> &T {
        LazyLock::force(self)
    }
}

impl<T: Default> Default for LazyLock<T> {
    fn default() -> LazyLock<T> {
        LazyLock::new(T::default)
    }
}

impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(out)
    }
}
