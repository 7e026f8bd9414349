//! A measurement. The chapter has three functions that fill a buffer of 4,096 bytes, add it up, and
//! pause once. This prints how large they are as machines:
//!
//! ```text
//! cargo run -q --bin ch02-3-measure-size
//! ```
//!
//! `used_before` does not use its buffer after the pause, and neither does `in_a_block`: the two
//! differ in a pair of braces. How many bytes do the braces save? Measure first, then say why.

/// Why `used_before` carries its buffer across the pause, in four reasons of which one is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// The pause saves the whole stack of the function, whatever is on it.
    ThePauseSavesTheStack,
    /// The buffer is used again after the pause.
    ItIsUsedAfterThePause,
    /// The buffer was lent out, and its block ends only after the pause: until then it is there.
    ItsBlockEndsAfterThePause,
    /// A machine has room for every local variable that its function ever has.
    EveryLocalHasItsPlace,
}

/// By how many bytes `in_a_block` is smaller than `used_before`.
pub fn saved() -> usize {
    todo!("measure it")
}

/// Why `used_before` carries a buffer that it does not need any more.
pub fn because() -> Because {
    todo!("choose one of the four")
}
