//! Two tasks that always have something to do, on a queue and on a stack.

use std::cell::Cell;
use std::rc::Rc;

use event_loop::s2_queue::{Next, Queued};
use event_loop::yield_now;

/// Works without end, and yields to the other tasks after each step.
// ANCHOR: worker
async fn worker(steps: Rc<Cell<u32>>) {
    loop {
        steps.set(steps.get() + 1);
        yield_now().await;
    }
}
// ANCHOR_END: worker

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    for next in [Next::Oldest, Next::Newest] {
        let mut queued = Queued::new(next);
        let steps = [(); 3].map(|()| Rc::new(Cell::new(0)));
        for counter in &steps {
            queued.spawn(worker(Rc::clone(counter)));
        }
        for _ in 0..3_000 {
            queued.step();
        }
        let [a, b, c] = steps.map(|counter| counter.get());
        println!("{next:?} first: a {a:>4} steps, b {b:>4} steps, c {c:>4} steps");
    }
}
// ANCHOR_END: main
