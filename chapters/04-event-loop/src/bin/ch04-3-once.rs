//! A task that is woken a thousand times before its poll: on stage 2, and on stage 3.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use event_loop::s2_queue::{Next, Queued};
use event_loop::s3_once::Once;

// ANCHOR: tasks
/// Stores its waker, and counts its polls.
fn waiter(bell: Rc<RefCell<Option<Waker>>>, polls: Rc<Cell<u32>>) -> impl Future<Output = ()> {
    poll_fn(move |context| {
        polls.set(polls.get() + 1);
        *bell.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    })
}

/// Wakes the waiter a thousand times, and completes.
async fn guest(bell: Rc<RefCell<Option<Waker>>>) {
    for _ in 0..1_000 {
        if let Some(waiter) = &*bell.borrow() {
            waiter.wake_by_ref();
        }
    }
}
// ANCHOR_END: tasks

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let (bell, polls) = (Rc::default(), Rc::default());
    let mut queued = Queued::new(Next::Oldest);
    queued.spawn(waiter(Rc::clone(&bell), Rc::clone(&polls)));
    queued.spawn(guest(bell));
    while queued.step() {}
    println!("stage 2: the waiter is polled {:>4} times", polls.get());

    let (bell, polls) = (Rc::default(), Rc::default());
    let mut once = Once::new();
    once.spawn(waiter(Rc::clone(&bell), Rc::clone(&polls)));
    once.spawn(guest(bell));
    while once.turn() > 0 {}
    println!("stage 3: the waiter is polled {:>4} times", polls.get());
}
// ANCHOR_END: main
