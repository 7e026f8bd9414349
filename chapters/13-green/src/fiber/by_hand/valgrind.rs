//! Tells valgrind where a stack is. Without that it takes a switch for a stack pointer that has gone wrong, and complains
//! of every access.
//!
//! valgrind recognizes a sequence of instructions that changes nothing. On the processor itself it costs as much as five
//! instructions that do nothing. The sequences and the numbers are those of `valgrind.h`.
#![allow(unsafe_code)]

use std::ops::Range;

const STACK_REGISTER: usize = 0x1501;
const STACK_DEREGISTER: usize = 0x1502;

/// A stack that valgrind knows, as long as this exists.
#[derive(Debug)]
pub(super) struct Known(usize);

impl Known {
    pub(super) fn new(stack: Range<usize>) -> Known {
        Known(request(&[
            STACK_REGISTER,
            stack.start,
            stack.end - 1,
            0,
            0,
            0,
        ]))
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        request(&[STACK_DEREGISTER, self.0, 0, 0, 0, 0]);
    }
}

/// What valgrind answers; 0 where the program runs without it.
fn request(arguments: &[usize; 6]) -> usize {
    let mut answer = 0_usize;
    // SAFETY: the rotations add up to whole turns, so each register ends as it was. valgrind reads the six numbers,
    // and writes its answer into the register that is named.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        std::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            inout("rdx") answer,
            in("rax") arguments.as_ptr(),
            out("rdi") _,
            options(nostack),
        );
        #[cfg(target_arch = "aarch64")]
        std::arch::asm!(
            "ror x12, x12, #3",
            "ror x12, x12, #13",
            "ror x12, x12, #61",
            "ror x12, x12, #51",
            "orr x10, x10, x10",
            inout("x3") answer,
            in("x4") arguments.as_ptr(),
            out("x12") _,
            options(nostack),
        );
    }
    answer
}
