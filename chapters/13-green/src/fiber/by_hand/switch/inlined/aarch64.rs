//! The inlined switch on AArch64.
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

/// As on x86-64: from the resumer to the green thread, whose stack pointer is in `other`.
///
/// # Safety
///
/// As on x86-64.
#[inline(always)]
pub(crate) unsafe fn enter(other: *mut *mut u8, mut word: Word) -> Word {
    // SAFETY: the registers that the other side uses are named below, or kept on this stack.
    unsafe {
        asm!(
            "sub sp, sp, #32",
            "stp x19, x29, [sp, #16]", // The compiler lets no assembly name these two as used.
            "ldr x2, [x0]",
            "ldr x3, [x2]",
            "blr x3", // Leaves in x30 where this stack goes on. The other side stores it here.
            "ldp x19, x29, [sp, #16]",
            "add sp, sp, #32",
            inout("x0") other => _,
            inout("x1") word, // Untouched: the other side finds it there.
            out("x20") _, out("x21") _, out("x22") _, out("x23") _, out("x24") _,
            out("x25") _, out("x26") _, out("x27") _, out("x28") _,
            clobber_abi("C"),
        );
    }
    word
}

/// As on x86-64: from the green thread to its resumer.
///
/// # Safety
///
/// As on x86-64.
#[inline(always)]
pub(crate) unsafe fn leave(other: *mut *mut u8, mut word: Word) -> Word {
    // SAFETY: as in `enter`.
    unsafe {
        asm!(
            "sub sp, sp, #32",
            "stp x19, x29, [sp, #16]",
            "adr x3, 2f",
            "str x3, [sp]", // Where this stack goes on.
            "ldr x2, [x0]",
            "mov x3, sp",
            "str x3, [x0]",
            "mov sp, x2", // From here on the resumer's stack is the stack.
            "ldr x30, [sp]",
            "ret",
            "2:", // Entered again: x0 is `other`, x2 what it held, x30 where the resumer goes on.
            "str x30, [sp]",
            "mov x3, sp",
            "str x3, [x0]",
            "mov sp, x2",
            "ldp x19, x29, [sp, #16]",
            "add sp, sp, #32",
            inout("x0") other => _,
            inout("x1") word,
            out("x20") _, out("x21") _, out("x22") _, out("x23") _, out("x24") _,
            out("x25") _, out("x26") _, out("x27") _, out("x28") _,
            clobber_abi("C"),
        );
    }
    word
}

/// As on x86-64: writes on an empty stack what `enter` expects there.
///
/// # Safety
///
/// As on x86-64.
pub(crate) unsafe fn prepare(top: *mut u8, entry: Entry, argument: *const ()) -> *mut u8 {
    let new = New {
        go_on_at: first as *const () as usize,
        argument: argument as usize,
        entry: entry as usize,
        unused: 0,
    };
    let place = top.wrapping_sub(size_of::<New>()).cast::<New>();
    // SAFETY: the caller says that this memory is there and unused.
    unsafe { place.write(new) };
    place.cast()
}

/// Where a new stack begins. The resumer has called it in `enter`: x0 is `other`, x1 the word, x2 what `other` held.
#[unsafe(naked)]
unsafe extern "C" fn first() -> ! {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined x30", // No caller: a backtrace ends here.
        "str x30, [sp]",
        "mov x3, sp",
        "str x3, [x0]",
        "ldr x0, [x2, #8]",  // The argument.
        "ldr x4, [x2, #16]", // The entry.
        "add sp, x2, #32",
        "mov x29, #0", // The end of the chain of frames, for a debugger.
        // As on x86-64, a branch and not a call: the next `ret` on this stack answers the call in `enter`.
        "adr x30, 2f",
        "br x4",
        "2:",
        "brk #1",
        ".cfi_endproc",
    )
}
