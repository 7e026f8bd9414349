//! The switch in the middle of the function that switches.

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(target_arch = "aarch64")]
pub(crate) use aarch64::{enter, leave, prepare};
#[cfg(target_arch = "x86_64")]
pub(crate) use x86_64::{enter, leave, prepare};

use super::{Entry, Word};
