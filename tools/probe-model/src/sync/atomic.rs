//! Atomics of the model, whose orderings count where a body is [watched](crate::watched).

use std::fmt;

use shuttle::sync::atomic as shuttles;
pub use shuttle::sync::atomic::{Ordering, compiler_fence};

use crate::orderings::{self, Place};

/// [`std::sync::atomic::fence`].
///
/// # Panics
///
/// If the order is `Relaxed`.
pub fn fence(order: Ordering) {
    shuttles::fence(order);
    orderings::fence(order);
}

/// What all atomics have.
macro_rules! atomic {
    ($name:ident $(<$generic:ident>)?, $value:ty) => {
        #[doc = concat!("[`std::sync::atomic::", stringify!($name), "`].")]
        pub struct $name $(<$generic>)? {
            inner: shuttles::$name $(<$generic>)?,
            place: Place,
        }

        #[allow(missing_docs)]
        impl $(<$generic>)? $name $(<$generic>)? {
            #[must_use]
            pub const fn new(value: $value) -> Self {
                Self {
                    inner: shuttles::$name::new(value),
                    place: Place::new(),
                }
            }

            pub fn get_mut(&mut self) -> &mut $value {
                self.inner.get_mut()
            }

            pub fn into_inner(self) -> $value {
                self.inner.into_inner()
            }

            pub fn load(&self, order: Ordering) -> $value {
                let value = self.inner.load(order);
                self.place.loads(order);
                value
            }

            pub fn store(&self, value: $value, order: Ordering) {
                self.inner.store(value, order);
                self.place.stores(order);
            }

            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                self.changes(order, |inner| inner.swap(value, order))
            }

            #[allow(clippy::missing_errors_doc)]
            pub fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                let result = self.inner.compare_exchange(current, new, success, failure);
                match result {
                    Ok(_) => self.place.changes(success),
                    Err(_) => self.place.loads(failure),
                }
                result
            }

            #[allow(clippy::missing_errors_doc)]
            pub fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.compare_exchange(current, new, success, failure)
            }

            #[allow(clippy::missing_errors_doc)]
            pub fn fetch_update(
                &self,
                set: Ordering,
                fetch: Ordering,
                mut change: impl FnMut($value) -> Option<$value>,
            ) -> Result<$value, $value> {
                let mut before = self.load(fetch);
                while let Some(after) = change(before) {
                    match self.compare_exchange(before, after, set, fetch) {
                        Ok(before) => return Ok(before),
                        Err(other) => before = other,
                    }
                }
                Err(before)
            }

            fn changes(
                &self,
                order: Ordering,
                change: impl FnOnce(&shuttles::$name $(<$generic>)?) -> $value,
            ) -> $value {
                let before = change(&self.inner);
                self.place.changes(order);
                before
            }
        }

        impl $(<$generic>)? fmt::Debug for $name $(<$generic>)? {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(out)
            }
        }

        impl $(<$generic>)? From<$value> for $name $(<$generic>)? {
            fn from(value: $value) -> Self {
                Self::new(value)
            }
        }
    };
}

/// The read-modify-write operations of one atomic.
macro_rules! fetches {
    ($name:ident, $value:ty: $($fetch:ident)+) => {
        #[allow(missing_docs)]
        impl $name {
            $(pub fn $fetch(&self, value: $value, order: Ordering) -> $value {
                self.changes(order, |inner| inner.$fetch(value, order))
            })+
        }

        impl Default for $name {
            fn default() -> $name {
                $name::new(<$value>::default())
            }
        }
    };
}

macro_rules! integers {
    ($($name:ident $value:ty),+) => {
        $(atomic!($name, $value);
        fetches!($name, $value: fetch_add fetch_sub fetch_and fetch_nand fetch_or fetch_xor fetch_max fetch_min);)+
    };
}

integers!(
    AtomicI8 i8, AtomicI16 i16, AtomicI32 i32, AtomicI64 i64, AtomicIsize isize,
    AtomicU8 u8, AtomicU16 u16, AtomicU32 u32, AtomicU64 u64, AtomicUsize usize
);
atomic!(AtomicBool, bool);
fetches!(AtomicBool, bool: fetch_and fetch_nand fetch_or fetch_xor);
atomic!(AtomicPtr<T>, *mut T);

#[allow(missing_docs)]
impl AtomicBool {
    pub fn fetch_not(&self, order: Ordering) -> bool {
        self.fetch_xor(true, order)
    }
}

impl<T> Default for AtomicPtr<T> {
    fn default() -> AtomicPtr<T> {
        AtomicPtr::new(std::ptr::null_mut())
    }
}
