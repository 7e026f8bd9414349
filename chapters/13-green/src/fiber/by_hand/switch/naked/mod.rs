//! The switch as a function without a frame.
#![allow(unsafe_code)]

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(target_arch = "aarch64")]
pub(crate) use aarch64::prepare;
#[cfg(target_arch = "aarch64")]
use aarch64::switch;
#[cfg(target_arch = "x86_64")]
pub(crate) use x86_64::prepare;
#[cfg(target_arch = "x86_64")]
use x86_64::switch;

use super::{Entry, Word};

/// From the resumer to the green thread, whose stack pointer is in `other`; the resumer's takes its place.
/// Returns when the green thread leaves.
///
/// # Safety
///
/// `other` holds what `prepare` returned or what `leave` stored, and that stack is still there.
#[inline]
pub(crate) unsafe fn enter(other: *mut *mut u8, word: Word) -> Word {
    // SAFETY: the caller says so. `other` is read before it is written.
    unsafe { switch(other, *other, word) }
}

/// From the green thread to its resumer. Returns when it is entered again.
///
/// # Safety
///
/// `other` holds what `enter` stored, and the code runs on the stack that this `enter` entered.
#[inline]
pub(crate) unsafe fn leave(other: *mut *mut u8, word: Word) -> Word {
    // SAFETY: the caller says so.
    unsafe { switch(other, *other, word) }
}
