//! Delegation, flat: one generator that hands its whole conversation to a first one, and then to a
//! second.

use generators::{Generator, Step};

/// Two generators, one after the other. What Python writes like this:
///
/// ```python
/// def in_turn(first, second):
///     a = yield from first
///     b = yield from second
///     return (a, b)
/// ```
///
/// `Returned` is what the first one completes with.
pub struct InTurn<First, Second, Returned> {
    todo: std::marker::PhantomData<(First, Second, Returned)>, // Yours to replace.
}

impl<First, Second, Returned> InTurn<First, Second, Returned> {
    /// Runs `first` to its end, then `second`. Neither is resumed here.
    pub fn new(first: First, second: Second) -> InTurn<First, Second, Returned> {
        todo!("keep both, and resume neither")
    }
}

impl<Sent, First, Second> Generator<Sent> for InTurn<First, Second, First::Return>
where
    Sent: Default,
    First: Generator<Sent>,
    Second: Generator<Sent, Yield = First::Yield>,
{
    type Yield = First::Yield;
    type Return = (First::Return, Second::Return);

    /// Passes `sent` to whichever of the two is running, and its yields to the caller.
    ///
    /// When the first one completes, the second one is started at once, in the same call. Its first
    /// value can answer nothing, so it is `Sent::default()`, as Python's `yield from` starts a
    /// generator by sending `None`.
    ///
    /// # Panics
    ///
    /// Whenever it is resumed after it has completed. The two parts and their results are dropped with it at
    /// the latest; when a completed part is dropped before that is up to you.
    fn resume(&mut self, sent: Sent) -> Step<Self::Yield, Self::Return> {
        todo!("pass `sent` to the one that runs, and its step on")
    }
}
