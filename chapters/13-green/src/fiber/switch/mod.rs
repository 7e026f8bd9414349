//! The switch from one stack to another, for each processor that it is written for.

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(target_arch = "aarch64")]
pub(crate) use aarch64::{prepare, switch};
#[cfg(target_arch = "x86_64")]
pub(crate) use x86_64::{prepare, switch};

/// The first function on a stack. It gets the value that was given to `prepare`, and never returns: there is
/// no caller to return to.
pub(crate) type Entry = unsafe extern "C" fn(*const ()) -> !;
