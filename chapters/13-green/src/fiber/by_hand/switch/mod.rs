//! The switch from one stack to another, for each processor that it is written for.
//!
//! | folder | idea |
//! |---|---|
//! | `naked` | a function: the calling convention says which registers it keeps |
//! | `inlined` | the same in the middle of the calling function, which keeps what it needs itself |
//!
//! Both have the same three functions. The feature `naked` chooses the first one.

#![allow(unsafe_code)]

#[cfg(not(feature = "naked"))]
mod inlined;
#[cfg(feature = "naked")]
mod naked;

#[cfg(not(feature = "naked"))]
pub(crate) use inlined::{enter, leave, prepare};
#[cfg(feature = "naked")]
pub(crate) use naked::{enter, leave, prepare};

use super::word::Word;

/// The first function on a stack. It gets the value that was given to `prepare` and the word of the first `enter`. It
/// never returns: there is no caller to return to.
pub(crate) type Entry = unsafe extern "C" fn(*const (), Word) -> !;

/// The stack pointer of the function that calls it.
#[inline(always)]
pub(crate) fn stack_pointer() -> usize {
    let pointer;
    // SAFETY: it only reads a register.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        std::arch::asm!("mov {}, rsp", out(reg) pointer, options(nomem, nostack, preserves_flags));
        #[cfg(target_arch = "aarch64")]
        std::arch::asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags));
    }
    pointer
}
