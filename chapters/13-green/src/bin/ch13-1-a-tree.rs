//! A walk through a deep tree that hands out one value at a time: as a generator that delegates to generators,
//! and as a plain recursive function on a stack of its own.

use std::cell::Cell;

use generators::{Generator, Step};
use green::{Coroutine, Yielder};

/// A tree in which each node has at most one child: the worst case.
struct Node {
    value: u32,
    child: Option<Box<Node>>,
}

const DEPTH: u32 = 300;

fn main() -> std::io::Result<()> {
    closed_output::end_quietly();
    let tree = || {
        (0..DEPTH)
            .rev()
            .fold(None, |child, value| Some(Box::new(Node { value, child })))
    };
    let mut walk = Walk::of(tree());
    let mut sum = 0;
    while let Step::Yielded(value) = walk.resume(()) {
        sum += value;
    }
    println!(
        "delegating generators: sum {sum}, {} calls of resume",
        RESUMES.get()
    );

    let tree = tree();
    let body = move |out: &Yielder<(), u32>, ()| visit(&tree, out);
    let mut walk = Coroutine::with_stack(256 * 1024, body)?;
    let (mut sum, mut resumes) = (0, 1);
    while let Step::Yielded(value) = walk.resume(()) {
        sum += value;
        resumes += 1;
    }
    println!("a stack of its own:    sum {sum}, {resumes} calls of resume");
    Ok(())
}

thread_local! {
    static RESUMES: Cell<u32> = const { Cell::new(0) };
}

// ANCHOR: stackless
/// One level of the walk. To hand out a value from level 100, each of the levels above has to hand it on.
struct Walk {
    node: Option<Box<Node>>,
    deeper: Option<Box<Walk>>,
}

impl Generator for Walk {
    type Yield = u32;
    type Return = ();

    fn resume(&mut self, (): ()) -> Step<u32, ()> {
        RESUMES.set(RESUMES.get() + 1);
        if let Some(deeper) = &mut self.deeper {
            return deeper.resume(());
        }
        let Some(node) = self.node.take() else {
            return Step::Complete(());
        };
        self.deeper = Some(Box::new(Walk::of(node.child)));
        Step::Yielded(node.value)
    }
}
// ANCHOR_END: stackless

impl Walk {
    fn of(node: Option<Box<Node>>) -> Walk {
        Walk { node, deeper: None }
    }
}

// ANCHOR: stackful
/// A function that calls itself. Wherever it is, `suspend` hands the value to the caller of `resume`.
fn visit(node: &Option<Box<Node>>, out: &Yielder<(), u32>) {
    if let Some(node) = node {
        out.suspend(node.value);
        visit(&node.child, out);
    }
}
// ANCHOR_END: stackful
