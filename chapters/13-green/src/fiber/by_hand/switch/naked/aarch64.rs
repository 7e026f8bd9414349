//! The switch on AArch64, with the procedure call standard of ARM: Linux, macOS, the BSDs.
#![allow(unsafe_code)]

use std::arch::naked_asm;

use super::{Entry, Word};

/// What lies on a stack that is not running, from its stack pointer upwards: the registers that a callee has
/// to preserve, in pairs.
#[repr(C)]
struct Saved {
    /// x19 to x28.
    general: [usize; 10],
    /// The frame pointer.
    x29: usize,
    /// The link register: where `switch` returns to.
    resume_at: usize,
    /// The lower halves of v8 to v15.
    float: [u64; 8],
}

/// As on x86-64: stores the stack pointer of the running stack at `from`, and goes on with the stack whose
/// pointer is `to`.
///
/// # Safety
///
/// As on x86-64.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn switch(from: *mut *mut u8, to: *mut u8, word: Word) -> Word {
    // `from` is in x0, `to` in x1, `word` in x2. The call has left the address to return to in x30.
    naked_asm!(
        "sub sp, sp, #160",
        "stp x19, x20, [sp, #0]",
        "stp x21, x22, [sp, #16]",
        "stp x23, x24, [sp, #32]",
        "stp x25, x26, [sp, #48]",
        "stp x27, x28, [sp, #64]",
        "stp x29, x30, [sp, #80]",
        "stp d8, d9, [sp, #96]",
        "stp d10, d11, [sp, #112]",
        "stp d12, d13, [sp, #128]",
        "stp d14, d15, [sp, #144]",
        "mov x9, sp",
        "str x9, [x0]",
        "mov sp, x1", // From here on the other stack is the stack.
        "ldp x19, x20, [sp, #0]",
        "ldp x21, x22, [sp, #16]",
        "ldp x23, x24, [sp, #32]",
        "ldp x25, x26, [sp, #48]",
        "ldp x27, x28, [sp, #64]",
        "ldp x29, x30, [sp, #80]",
        "ldp d8, d9, [sp, #96]",
        "ldp d10, d11, [sp, #112]",
        "ldp d12, d13, [sp, #128]",
        "ldp d14, d15, [sp, #144]",
        "add sp, sp, #160",
        "mov x0, x2",
        "ret", // Goes on at the address in x30.
    )
}

/// As on x86-64: writes on an empty stack what `switch` expects there.
///
/// # Safety
///
/// As on x86-64.
pub(crate) unsafe fn prepare(top: *mut u8, entry: Entry, argument: *const ()) -> *mut u8 {
    let mut general = [0; 10];
    general[0] = argument as usize; // x19
    general[1] = entry as usize; // x20
    let saved = Saved {
        general,
        x29: 0, // The end of the chain of frames, for a debugger.
        resume_at: first as *const () as usize,
        float: [0; 8],
    };
    let place = top.wrapping_sub(size_of::<Saved>()).cast::<Saved>();
    // SAFETY: the caller says that this memory is there and unused.
    unsafe { place.write(saved) };
    place.cast()
}

/// Where a new stack begins: it calls the function in x20 with the value in x19 and the first word.
#[unsafe(naked)]
unsafe extern "C" fn first() -> ! {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined x30", // No caller: a backtrace ends here.
        "mov x1, x0",
        "mov x0, x19",
        "blr x20",
        "brk #1",
        ".cfi_endproc",
    )
}
