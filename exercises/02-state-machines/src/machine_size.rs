//! A measurement. The chapter has three functions that fill a buffer of 4,096 bytes, add it up, and
//! have one suspension point. This program prints the sizes of their machines:
//!
//! ```text
//! cargo run -q --bin ch02-3-measure-size
//! ```
//!
//! `used_before` does not use its buffer after the suspension point, and neither does `in_a_block`:
//! the two differ in a pair of braces. How many bytes do the braces save? Measure first, then say
//! why. The number is exact: one byte more or less is wrong.

/// Why the machine of `used_before` keeps its buffer at the suspension point: one of the four is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// The suspension point saves the whole stack of the function.
    ThePauseSavesTheStack,
    /// The function uses the buffer after the suspension point.
    ItIsUsedAfterThePause,
    /// The buffer was borrowed, and its block ends after the suspension point: the buffer lives until
    /// then.
    ItsBlockEndsAfterThePause,
    /// A machine has room for each local variable of its function.
    EveryLocalHasItsPlace,
}

/// By how many bytes `in_a_block` is smaller than `used_before`.
pub fn saved() -> usize {
    todo!("measure it")
}

/// Why the machine of `used_before` keeps a buffer that the function does not use any more.
pub fn because() -> Because {
    todo!("choose one of the four")
}
