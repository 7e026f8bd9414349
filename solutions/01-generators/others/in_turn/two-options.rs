//! No states: a part that is still there runs, and a result that is there waits. Both parts live as long as the whole.

use generators::{Generator, Step};

pub struct InTurn<First, Second, Returned> {
    first: First,
    second: Second,
    result: Option<Returned>,
    over: bool,
}

impl<First, Second, Returned> InTurn<First, Second, Returned> {
    pub fn new(first: First, second: Second) -> InTurn<First, Second, Returned> {
        InTurn {
            first,
            second,
            result: None,
            over: false,
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

    fn resume(&mut self, sent: Sent) -> Step<Self::Yield, Self::Return> {
        assert!(!self.over, "it has completed");
        let mut sent = Some(sent);
        if self.result.is_none() {
            match self.first.resume(sent.take().unwrap_or_default()) {
                Step::Yielded(value) => return Step::Yielded(value),
                Step::Complete(result) => self.result = Some(result),
            }
        }
        match self.second.resume(sent.unwrap_or_default()) {
            Step::Yielded(value) => Step::Yielded(value),
            Step::Complete(second) => {
                self.over = true;
                let first = self.result.take().expect("the first part has completed");
                Step::Complete((first, second))
            }
        }
    }
}
