//! The switch on x86-64, with the System V calling convention: Linux, macOS, the BSDs.
#![allow(unsafe_code)]

use std::arch::naked_asm;

use super::{Entry, Word};

/// What lies on a stack that is not running, from its stack pointer upwards.
///
/// The function that calls `switch` expects these registers unchanged after the call, so they are what has to
/// be kept: all others are the caller's own to save.
#[repr(C)]
struct Saved {
    r15: usize,
    r14: usize,
    r13: usize,
    r12: usize,
    rbx: usize,
    rbp: usize,
    /// Where `switch` returns to.
    resume_at: usize,
}

// ANCHOR: switch
/// Stores the stack pointer of the running stack at `from`, and goes on with the stack whose pointer is `to`.
/// It returns when another `switch` goes on with the first stack, and returns the word which that one was given.
///
/// # Safety
///
/// `to` comes from [`prepare`] or from an earlier `switch`, is used once, and its stack is still there.
/// `from` may be written.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn switch(from: *mut *mut u8, to: *mut u8, word: Word) -> Word {
    // `from` is in rdi, `to` in rsi, `word` in rdx. The call has pushed the address to return to.
    naked_asm!(
        "push rbp", // The six registers that a callee has to preserve.
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "mov [rdi], rsp", // All of it is on this stack. Its pointer is all that is left to keep.
        "mov rsp, rsi",   // From here on the other stack is the stack.
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "mov rax, rdx", // The word is what the other call returns.
        "ret",          // Pops the address at which the other stack called `switch`.
    )
}
// ANCHOR_END: switch

// ANCHOR: prepare
/// Writes on an empty stack what `switch` expects there, as if `entry(argument)` were about to be called.
/// Returns the stack pointer.
///
/// # Safety
///
/// `top` is the upper end of a stack that nothing uses, a multiple of 16, with room for [`Saved`].
pub(crate) unsafe fn prepare(top: *mut u8, entry: Entry, argument: *const ()) -> *mut u8 {
    let saved = Saved {
        r15: 0,
        r14: 0,
        r13: entry as usize,
        r12: argument as usize,
        rbx: 0,
        rbp: 0, // The end of the chain of frames, for a debugger.
        resume_at: first as *const () as usize,
    };
    // Below the top are 16 bytes of zeros, where a debugger looks for the caller of `first`.
    let place = top.wrapping_sub(16 + size_of::<Saved>()).cast::<Saved>();
    // SAFETY: the caller says that this memory is there and unused.
    unsafe { place.write(saved) };
    place.cast()
}

/// Where a new stack begins: it calls the function in r13 with the value in r12 and the first word.
#[unsafe(naked)]
unsafe extern "C" fn first() -> ! {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined rip", // No caller: a backtrace ends here.
        "mov rdi, r12",
        "mov rsi, rax",
        "call r13", // The stack pointer is a multiple of 16 here, as the convention asks.
        "ud2",
        ".cfi_endproc",
    )
}
// ANCHOR_END: prepare
