//! Measured right, and takes a pause for a copy of the stack.

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
    4_096
}

/// Why `used_before` carries a buffer that it does not need any more.
pub fn because() -> Because {
    // ANCHOR: mistake
    Because::ThePauseSavesTheStack
    // ANCHOR_END: mistake
}
