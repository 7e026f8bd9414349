//! Runs the first one to its end in a loop, and throws away what it yields.
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
    returned: Option<Returned>,
}

impl<First, Second, Returned> InTurn<First, Second, Returned> {
    /// Runs `first` to its end, then `second`. Neither is resumed here.
    pub fn new(first: First, second: Second) -> InTurn<First, Second, Returned> {
        InTurn {
            first,
            second,
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
        // ANCHOR: mistake
        if self.returned.is_none() {
            loop {
                match self.first.resume(Sent::default()) {
                    Step::Yielded(_) => {}
                    Step::Complete(returned) => {
                        self.returned = Some(returned);
                        break;
                    }
                }
            }
            return self.resume(Sent::default());
        }
        // ANCHOR_END: mistake
        match self.second.resume(sent) {
            Step::Yielded(value) => Step::Yielded(value),
            Step::Complete(result) => {
                let returned = self.returned.take().expect("the first one is done");
                Step::Complete((returned, result))
            }
        }
    }
}
