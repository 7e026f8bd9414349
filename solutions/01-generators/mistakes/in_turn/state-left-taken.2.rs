//! Takes the first result out in each call, and puts it nowhere when the second one pauses.
//!
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
/// ```text
///   First ──first completes──▶ Second ──second completes──▶ Complete
/// ```
///
/// `Returned` is what the first one completes with: it has to be kept while the second one runs.
pub struct InTurn<First, Second, Returned> {
    first: First,
    second: Second,
    first_is_done: bool,
    returned: Option<Returned>,
}

impl<First, Second, Returned> InTurn<First, Second, Returned> {
    /// Runs `first` to its end, then `second`. Neither is resumed here.
    pub fn new(first: First, second: Second) -> InTurn<First, Second, Returned> {
        InTurn {
            first,
            second,
            first_is_done: false,
            returned: None,
        }
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
    /// If it is complete.
    fn resume(&mut self, sent: Sent) -> Step<Self::Yield, Self::Return> {
        if !self.first_is_done {
            match self.first.resume(sent) {
                Step::Yielded(value) => return Step::Yielded(value),
                Step::Complete(returned) => self.returned = Some(returned),
            }
            self.first_is_done = true;
            return self.resume(Sent::default());
        }
        let returned = self.returned.take();
        match self.second.resume(sent) {
            Step::Yielded(value) => Step::Yielded(value),
            Step::Complete(result) => {
                Step::Complete((returned.expect("the first one is done"), result))
            }
        }
    }
}
