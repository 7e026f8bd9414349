//! What it costs a value to come from a generator that is inside others.

use std::cell::Cell;
use std::rc::Rc;

use generators::{Generator, Step};

const VALUES: u32 = 1_000;

/// Yields this many numbers, and counts how often it is resumed.
struct Source {
    left: u32,
    calls: Rc<Cell<u32>>,
}

impl Generator for Source {
    type Yield = u32;
    type Return = ();

    fn resume(&mut self, (): ()) -> Step<u32, ()> {
        self.calls.set(self.calls.get() + 1);
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Step::Yielded(left)
            }
            None => Step::Complete(()),
        }
    }
}

// ANCHOR: level
/// Delegates everything to another generator, and counts how often it is resumed.
struct Level {
    inner: Box<dyn Generator<Yield = u32, Return = ()>>,
    calls: Rc<Cell<u32>>,
}

impl Generator for Level {
    type Yield = u32;
    type Return = ();

    fn resume(&mut self, (): ()) -> Step<u32, ()> {
        self.calls.set(self.calls.get() + 1);
        self.inner.resume(())
    }
}
// ANCHOR_END: level

fn main() {
    closed_output::end_quietly();
    for levels in [0, 10, 100] {
        let calls = Rc::default();
        let mut generator = nested(levels, &calls);
        while let Step::Yielded(_) = generator.resume(()) {}
        println!(
            "{VALUES} values from inside {levels:>3} others: {:>6} calls of resume",
            calls.get()
        );
    }
}

/// A source with this many levels around it, which all count together.
fn nested(levels: u32, calls: &Rc<Cell<u32>>) -> Box<dyn Generator<Yield = u32, Return = ()>> {
    let source = Source {
        left: VALUES,
        calls: Rc::clone(calls),
    };
    (0..levels).fold(Box::new(source), |inner, _| {
        Box::new(Level {
            inner,
            calls: Rc::clone(calls),
        })
    })
}
