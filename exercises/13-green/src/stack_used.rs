//! A measurement. A green thread has a stack of a certain size, and the system gives it memory as it is used. This
//! prints how much of a stack of 1024 KiB has memory: after nested calls, each of which has an array of 64 KiB, and
//! after several such functions that were called one after the other and have returned.
//!
//! ```text
//! cargo run -q --bin ch13-measure-stack -- 1024 1 4 8 1,3,2
//! ```
//!
//! Find the rules. Every number is in KiB, and right to within 16 KiB: a few pages more or less do not matter.

/// Why an array that is never touched has memory: four sentences, of which one is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// Rust fills each array with zeros.
    ArraysAreZeroed,
    /// The kernel gives memory for a whole frame when its first byte is touched.
    TheKernelGivesFrames,
    /// A function with a large frame touches each page of it when it begins, so that it cannot jump over the guard page.
    TheFunctionTouchesEachPage,
    /// The memory was given when the stack was mapped.
    TheStackIsMapped,
}

/// How much has memory on a stack of `stack_kib` KiB, after `frames` nested calls with 64 KiB each. They fit.
pub fn after_nested(stack_kib: usize, frames: usize) -> usize {
    todo!("measure it, and find the rule")
}

/// How much has memory after several functions, one after another. Each has the given number of frames, and has returned
/// before the next one is called.
pub fn after_each_other(frames: &[usize]) -> usize {
    todo!("measure it, and find the rule")
}

/// How many KiB `threads` green threads have. Each has a stack of `stack_kib` KiB, has called functions with these
/// numbers of frames, as above, and is suspended. Right to within 16 KiB for each of them.
pub fn of_many(threads: usize, stack_kib: usize, frames: &[usize]) -> usize {
    todo!("which of the two sizes is multiplied?")
}

/// Why an array of 64 KiB that no code touches has memory.
pub fn because() -> Because {
    todo!("choose one of the four")
}
