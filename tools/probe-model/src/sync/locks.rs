//! Locks of the model. Where a body is [watched](crate::watched), a thread that locks learns what the thread before it knew.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::Ordering::{Acquire, Release};

use super::{LockResult, PoisonError, TryLockError, TryLockResult};
use crate::orderings::Place;

/// A lock's guard, as long as it is there, and what the lock passes on when the guard is dropped.
macro_rules! guard {
    ($guard:ident, $inner:ident) => {
        #[doc = concat!("[`std::sync::", stringify!($guard), "`].")]
        pub struct $guard<'a, T: ?Sized> {
            /// `None` once it has been taken out.
            inner: Option<shuttle::sync::$inner<'a, T>>,
            place: &'a Place,
        }

        impl<'a, T: ?Sized> $guard<'a, T> {
            fn new(inner: shuttle::sync::$inner<'a, T>, place: &'a Place) -> Self {
                place.loads(Acquire);
                $guard {
                    inner: Some(inner),
                    place,
                }
            }
        }

        impl<T: ?Sized> Drop for $guard<'_, T> {
            fn drop(&mut self) {
                if self.inner.is_some() {
                    self.place.changes(Release);
                }
            }
        }

        impl<T: ?Sized> Deref for $guard<'_, T> {
            type Target = T;

            fn deref(&self) -> &T {
                self.inner.as_ref().expect("it has not been taken out")
            }
        }

        impl<T: ?Sized + fmt::Debug> fmt::Debug for $guard<'_, T> {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&**self, out)
            }
        }

        impl<T: ?Sized + fmt::Display> fmt::Display for $guard<'_, T> {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&**self, out)
            }
        }
    };
}

guard!(MutexGuard, MutexGuard);
guard!(RwLockReadGuard, RwLockReadGuard);
guard!(RwLockWriteGuard, RwLockWriteGuard);

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect("it has not been taken out")
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect("it has not been taken out")
    }
}

impl<'a, T> MutexGuard<'a, T> {
    /// Waits at a condition variable of shuttle with what is inside.
    pub(super) fn waits(
        mut self,
        wait: impl FnOnce(
            shuttle::sync::MutexGuard<'a, T>,
        ) -> LockResult<shuttle::sync::MutexGuard<'a, T>>,
    ) -> LockResult<MutexGuard<'a, T>> {
        let place = self.place;
        let inner = self.inner.take().expect("it has not been taken out");
        place.changes(Release);
        mapped(wait(inner), |inner| MutexGuard::new(inner, place))
    }
}

/// [`std::sync::Mutex`].
pub struct Mutex<T: ?Sized> {
    place: Place,
    inner: shuttle::sync::Mutex<T>,
}

#[allow(missing_docs, clippy::missing_errors_doc)]
impl<T> Mutex<T> {
    #[track_caller]
    pub const fn new(value: T) -> Mutex<T> {
        Mutex {
            place: Place::new(),
            inner: shuttle::sync::Mutex::new(value),
        }
    }

    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }
}

#[allow(missing_docs, clippy::missing_errors_doc)]
impl<T: ?Sized> Mutex<T> {
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        mapped(self.inner.lock(), |inner| {
            MutexGuard::new(inner, &self.place)
        })
    }

    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        tried(self.inner.try_lock(), |inner| {
            MutexGuard::new(inner, &self.place)
        })
    }

    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
    }

    pub fn clear_poison(&self) {
        self.inner.clear_poison();
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Self {
        Mutex::new(value)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(out)
    }
}

/// [`std::sync::RwLock`].
pub struct RwLock<T: ?Sized> {
    place: Place,
    inner: shuttle::sync::RwLock<T>,
}

#[allow(missing_docs, clippy::missing_errors_doc)]
impl<T> RwLock<T> {
    #[track_caller]
    pub const fn new(value: T) -> RwLock<T> {
        RwLock {
            place: Place::new(),
            inner: shuttle::sync::RwLock::new(value),
        }
    }

    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }
}

#[allow(missing_docs, clippy::missing_errors_doc)]
impl<T: ?Sized> RwLock<T> {
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        mapped(self.inner.read(), |inner| {
            RwLockReadGuard::new(inner, &self.place)
        })
    }

    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        mapped(self.inner.write(), |inner| {
            RwLockWriteGuard::new(inner, &self.place)
        })
    }

    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        tried(self.inner.try_read(), |inner| {
            RwLockReadGuard::new(inner, &self.place)
        })
    }

    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        tried(self.inner.try_write(), |inner| {
            RwLockWriteGuard::new(inner, &self.place)
        })
    }

    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
    }
}

impl<T: Default> Default for RwLock<T> {
    fn default() -> Self {
        RwLock::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(out)
    }
}

fn mapped<A, B>(result: LockResult<A>, map: impl FnOnce(A) -> B) -> LockResult<B> {
    match result {
        Ok(inner) => Ok(map(inner)),
        Err(poisoned) => Err(PoisonError::new(map(poisoned.into_inner()))),
    }
}

fn tried<A, B>(result: TryLockResult<A>, map: impl FnOnce(A) -> B) -> TryLockResult<B> {
    match result {
        Ok(inner) => Ok(map(inner)),
        Err(TryLockError::Poisoned(poisoned)) => Err(TryLockError::Poisoned(PoisonError::new(
            map(poisoned.into_inner()),
        ))),
        Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
    }
}
