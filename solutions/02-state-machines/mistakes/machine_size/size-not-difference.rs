//! Gives the size of the larger machine, not what the braces save.

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
    // ANCHOR: mistake
    16
    // ANCHOR_END: mistake
}

/// Why `used_before` carries a buffer that it does not need any more.
pub fn because() -> Because {
    Because::ItsBlockEndsAfterThePause
}
