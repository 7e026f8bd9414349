//! Two instances at the same time.

use std::borrow::Cow;

use crate::run::Run;
use crate::runs::difference::Known;
use crate::runs::search::Search;
use crate::runs::step::{Machine, Operation, Step};

/// An operation on one of two instances.
#[derive(Debug, Clone)]
struct On<O> {
    which: Which,
    operation: O,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    First,
    Second,
}

/// Two machines of the same kind.
struct Two<M> {
    first: M,
    second: M,
}

impl Which {
    /// The tracks of the second instance have names of their own.
    fn track(self, name: Cow<'static, str>) -> Cow<'static, str> {
        match self {
            Which::First => name,
            Which::Second => format!("{name} (2)").into(),
        }
    }
}

impl<O: Operation> Operation for On<O> {
    fn actor(&self) -> Cow<'static, str> {
        self.which.track(self.operation.actor())
    }

    fn call(&self) -> Cow<'static, str> {
        self.operation.call()
    }

    fn happened(&self) -> Cow<'static, str> {
        let happened = self.operation.happened();
        match self.which {
            Which::First => happened,
            Which::Second => format!("{happened} (in the second instance)").into(),
        }
    }
}

impl<M: Machine> Machine for Two<M> {
    type Operation = On<M::Operation>;

    fn apply(&mut self, on: &On<M::Operation>) -> Option<Step> {
        let machine = match on.which {
            Which::First => &mut self.first,
            Which::Second => &mut self.second,
        };
        let step = machine.apply(&on.operation)?;
        Some(step.on_tracks(|name| on.which.track(name)))
    }

    fn end(self) -> Step {
        let (first, second) = (self.first.end(), self.second.end());
        let second = second.on_tracks(|name| Which::Second.track(name));
        first.and(second)
    }
}

/// Tries every sequence of up to `length` operations on two instances that exist at the same time, and compares both with two of the
/// reference. A difference is `state-not-in-the-struct`.
///
/// Call it where [`Search::compare`] has passed with the same alphabet and at least this length: then each instance alone was right
/// with the same operations, and what differs is what they do to each other.
///
/// # Panics
///
/// At the first difference, with its verdict.
#[track_caller]
pub fn compare_two<O, Y, R>(
    run: &Run,
    alphabet: &[O],
    length: usize,
    yours: impl Fn() -> Y,
    reference: impl Fn() -> R,
) where
    O: Operation + 'static,
    Y: Machine<Operation = O>,
    R: Machine<Operation = O>,
{
    let on = |which| {
        let on = move |operation: &O| On {
            which,
            operation: operation.clone(),
        };
        alphabet.iter().map(on)
    };
    let both: Vec<_> = on(Which::First).chain(on(Which::Second)).collect();
    Search::of(&both)
        .up_to(length)
        .naming(const { &[shared()] })
        .compare(
            run,
            || Two {
                first: yours(),
                second: yours(),
            },
            || Two {
                first: reference(),
                second: reference(),
            },
        );
}

const fn shared<O: Operation>() -> Known<On<O>> {
    Known {
        mistake: "state-not-in-the-struct",
        sentence: "Two instances existed at the same time. The same operations on each of them alone gave what was expected: some of \
                   its state is kept where the other instance can reach it.",
        shows: |difference| {
            let is_used = |which| {
                let mut operations = difference.operations.iter();
                operations.any(|on| on.which == which)
            };
            is_used(Which::First) && is_used(Which::Second)
        },
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;
    use crate::panics::{Verdict, verdict_of};
    use crate::run;

    #[derive(Clone)]
    struct Add;

    impl Operation for Add {
        fn actor(&self) -> Cow<'static, str> {
            "counter".into()
        }

        fn call(&self) -> Cow<'static, str> {
            "add(1)".into()
        }

        fn happened(&self) -> Cow<'static, str> {
            "1 was added".into()
        }
    }

    struct Counter(Rc<Cell<u32>>);

    impl Machine for Counter {
        type Operation = Add;

        fn apply(&mut self, _: &Add) -> Option<Step> {
            self.0.set(self.0.get() + 1);
            Some(Step::of(self.0.get().to_string()).fact("counter", "is there"))
        }

        fn end(self) -> Step {
            Step::of("dropped")
        }
    }

    fn alone() -> Counter {
        Counter(Rc::default())
    }

    #[test]
    fn counters_of_their_own_are_right() {
        compare_two(&run!(), &[Add], 4, alone, alone);
    }

    #[test]
    fn a_counter_that_the_latest_two_share_is_named_and_shown_on_two_tracks() {
        let made = Cell::new(0);
        let last: Cell<Rc<Cell<u32>>> = Cell::default();
        let shared = || {
            made.set(made.get() + 1);
            if made.get() % 2 == 1 {
                last.set(Rc::default());
            }
            let count = last.take();
            last.set(Rc::clone(&count));
            Counter(count)
        };
        let verdict = verdict_of(|| compare_two(&run!(), &[Add], 3, shared, alone));
        let Verdict::Broken(diagnosis) = verdict else {
            panic!("the second addition gives 2")
        };
        assert_eq!(
            diagnosis.mistake.as_deref(),
            Some("state-not-in-the-struct")
        );
        assert!(
            diagnosis.sentence.contains("`2`. Expected: `1`"),
            "{}",
            diagnosis.sentence
        );
        let lines = diagnosis.recording.lines();
        let tracks: Vec<_> = lines.iter().map(|line| line.track.as_str()).collect();
        assert!(tracks.contains(&"counter (2)"), "{tracks:?}");
    }
}
