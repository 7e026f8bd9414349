//! A semaphore whose `release` wakes the first waiter, and the waiter tries again.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver, yield_now};

// ANCHOR: permits
#[derive(Default)]
struct Permits {
    free: Cell<usize>,
    waiting: RefCell<VecDeque<Waker>>,
}

impl Permits {
    fn try_acquire(&self) -> bool {
        let free = self.free.get();
        self.free.set(free.saturating_sub(1));
        free > 0
    }

    async fn acquire(&self, name: &str) {
        poll_fn(|context| {
            if self.try_acquire() {
                println!("  {name} has the permit");
                return Poll::Ready(());
            }
            println!("  {name} waits");
            let waker = context.waker().clone();
            self.waiting.borrow_mut().push_back(waker);
            Poll::Pending
        })
        .await;
    }
    // ANCHOR_END: permits

    // ANCHOR: release
    fn release(&self, name: &str) {
        println!("  {name} returns the permit");
        self.free.set(self.free.get() + 1);
        let first = self.waiting.borrow_mut().pop_front();
        if let Some(waker) = first {
            waker.wake();
        }
    }
}
// ANCHOR_END: release

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(async {
        println!("a task uses the permit again and again");
        again_and_again(event_loop.handle()).await;
        println!("a task is woken, and cancelled before it runs");
        cancelled(event_loop.handle()).await;
    });
}

// ANCHOR: again
async fn again_and_again(handle: Handle) {
    let permits = Rc::new(Permits::default());
    let theirs = Rc::clone(&permits);
    let b = handle.spawn(async move { theirs.acquire("b").await });
    permits.free.set(1);
    for _ in 0..3 {
        permits.acquire("a").await;
        yield_now().await; // The work. b runs meanwhile.
        permits.release("a");
    }
    b.abort();
}
// ANCHOR_END: again

// ANCHOR: cancelled
async fn cancelled(handle: Handle) {
    let permits = Rc::new(Permits::default());
    let [b, _c] = ["b", "c"].map(|name| {
        let theirs = Rc::clone(&permits);
        handle.spawn(async move { theirs.acquire(name).await })
    });
    yield_now().await; // Both wait.
    permits.release("a");
    println!("  b is cancelled");
    b.abort();
    handle.sleep(Duration::from_secs(60)).await;
    let (free, waiting) = (permits.free.get(), permits.waiting.borrow().len());
    println!("  a minute later: {free} permit is free, and {waiting} task waits");
}
// ANCHOR_END: cancelled
