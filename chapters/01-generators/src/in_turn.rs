//! Delegation, flat: one generator that hands its whole conversation to a first one, and then to a
//! second.

// YOURS
use std::mem;

// YOURS_END
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
    // YOURS
    state: State<First, Second, Returned>,
    // STUB: todo: std::marker::PhantomData<(First, Second, Returned)>, // Yours to replace.
    // YOURS_END
}

// YOURS
// ANCHOR: states
enum State<First, Second, Returned> {
    First { first: First, second: Second },
    Second { returned: Returned, second: Second },
    Complete,
}
// ANCHOR_END: states

// YOURS_END
impl<First, Second, Returned> InTurn<First, Second, Returned> {
    /// Runs `first` to its end, then `second`. Neither is resumed here.
    pub fn new(first: First, second: Second) -> InTurn<First, Second, Returned> {
        // YOURS
        InTurn {
            state: State::First { first, second },
        }
        // STUB: todo!("keep both, and resume neither")
        // YOURS_END
    }
}

// ANCHOR: where
impl<Sent, First, Second> Generator<Sent> for InTurn<First, Second, First::Return>
where
    Sent: Default,
    First: Generator<Sent>,
    Second: Generator<Sent, Yield = First::Yield>,
{
    type Yield = First::Yield;
    type Return = (First::Return, Second::Return);
    // ANCHOR_END: where

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
    // ANCHOR: resume
    fn resume(&mut self, sent: Sent) -> Step<Self::Yield, Self::Return> {
        // YOURS
        match mem::replace(&mut self.state, State::Complete) {
            State::First { mut first, second } => match first.resume(sent) {
                Step::Yielded(value) => {
                    self.state = State::First { first, second };
                    Step::Yielded(value)
                }
                Step::Complete(returned) => {
                    self.state = State::Second { returned, second };
                    self.resume(Sent::default())
                }
            },
            State::Second {
                returned,
                mut second,
            } => match second.resume(sent) {
                Step::Yielded(value) => {
                    self.state = State::Second { returned, second };
                    Step::Yielded(value)
                }
                Step::Complete(result) => Step::Complete((returned, result)),
            },
            State::Complete => panic!("resumed after completion"),
        }
        // STUB: todo!("pass `sent` to the one that runs, and its step on")
        // YOURS_END
    }
    // ANCHOR_END: resume
}
