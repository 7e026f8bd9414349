//! The inlined switch on x86-64.
#![allow(unsafe_code)]

use std::arch::{asm, naked_asm};

use super::{Entry, Word};

/// What lies on a stack that has never run, from its stack pointer upwards.
#[repr(C)]
struct New {
    /// Where `enter` goes on.
    go_on_at: usize,
    argument: usize,
    entry: usize,
    /// For the alignment of the stack.
    unused: usize,
}

// ANCHOR: enter
/// From the resumer to the green thread, whose stack pointer is in `other`; the resumer's takes its place.
/// Returns when the green thread leaves.
///
/// # Safety
///
/// `other` holds what `prepare` returned or what `leave` stored, and that stack is still there.
#[inline(always)]
pub(crate) unsafe fn enter(other: *mut *mut u8, mut word: Word) -> Word {
    // SAFETY: the registers that the other side uses are named below, or kept on this stack.
    unsafe {
        asm!(
            "push rbx", // The compiler lets no assembly name these two as used.
            "push rbp",
            "mov rdx, [rdi]",
            "call [rdx]", // Pushes where this stack goes on, and goes on where the other one has said.
            "pop rbp",
            "pop rbx",
            inout("rdi") other => _,
            inout("rsi") word, // Untouched: the other side finds it there.
            out("r12") _, out("r13") _, out("r14") _, out("r15") _,
            clobber_abi("sysv64"),
        );
    }
    word
}
// ANCHOR_END: enter

// ANCHOR: leave
/// From the green thread to its resumer. Returns when it is entered again.
///
/// # Safety
///
/// `other` holds what `enter` stored, and the code runs on the stack that this `enter` entered.
#[inline(always)]
pub(crate) unsafe fn leave(other: *mut *mut u8, mut word: Word) -> Word {
    // SAFETY: as in `enter`.
    unsafe {
        asm!(
            "push rbx",
            "push rbp",
            "lea rax, [rip + 2f]",
            "push rax", // Where this stack goes on: the `call` in `enter` reads it.
            "mov rdx, [rdi]",
            "mov [rdi], rsp",
            "mov rsp, rdx", // From here on the resumer's stack is the stack.
            "ret",          // To the place that its `call` has pushed.
            "2:",           // Entered again: rdi is `other`, and rdx is what it held.
            "mov [rdi], rsp",
            "lea rsp, [rdx + 8]",
            "pop rbp",
            "pop rbx",
            inout("rdi") other => _,
            inout("rsi") word, // Untouched: the other side finds it there.
            out("r12") _, out("r13") _, out("r14") _, out("r15") _,
            clobber_abi("sysv64"),
        );
    }
    word
}
// ANCHOR_END: leave

/// Writes on an empty stack what `enter` expects there, as if `entry(argument)` were about to be called.
/// Returns the stack pointer.
///
/// # Safety
///
/// `top` is the upper end of a stack that nothing uses, a multiple of 16, with room for [`New`].
pub(crate) unsafe fn prepare(top: *mut u8, entry: Entry, argument: *const ()) -> *mut u8 {
    let new = New {
        go_on_at: first as *const () as usize,
        argument: argument as usize,
        entry: entry as usize,
        unused: 0,
    };
    // Below the top are 16 bytes of zeros, where a debugger looks for the caller of `first`.
    let place = top.wrapping_sub(16 + size_of::<New>()).cast::<New>();
    // SAFETY: the caller says that this memory is there and unused.
    unsafe { place.write(new) };
    place.cast()
}

/// Where a new stack begins. The resumer has called it in `enter`: rdi is `other`, rsi the word, rdx what `other` held.
#[unsafe(naked)]
unsafe extern "C" fn first() -> ! {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined rip", // No caller: a backtrace ends here.
        "mov [rdi], rsp",
        "lea rsp, [rdx + 8]",
        "pop rdi",      // The argument.
        "pop rcx",      // The entry.
        "xor ebp, ebp", // The end of the chain of frames, for a debugger.
        "add rsp, 8",
        // In place of a `call`, which the processor would expect a `ret` to answer: the next `ret` on this
        // stack answers the `call` in `enter`.
        "lea rax, [rip + 2f]",
        "push rax",
        "jmp rcx",
        "2:",
        "ud2",
        ".cfi_endproc",
    )
}
