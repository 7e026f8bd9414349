//! Two orders in which a task and an event can meet at an atomic waker.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

use wakers::AtomicWaker;

struct Task;

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        println!("    the task is woken");
    }
}

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let waker = Waker::from(Arc::new(Task));
    let happened = AtomicBool::new(false);
    let cell = AtomicWaker::new();
    let registers_and_looks = || {
        cell.register(&waker);
        let sees = happened.load(Ordering::Acquire);
        println!("  the task registers, and looks: it has happened: {sees}");
    };
    let happens_and_wakes = || {
        happened.store(true, Ordering::Release);
        println!("  the event happens, and wakes");
        cell.wake();
    };

    println!("the task comes first");
    registers_and_looks();
    happens_and_wakes();

    happened.store(false, Ordering::Relaxed);
    println!("the event comes first");
    happens_and_wakes();
    registers_and_looks();
}
// ANCHOR_END: main
