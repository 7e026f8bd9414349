//! One thread that waits: for a wake by itself, for a wake by another thread, and inside another
//! wait.

use std::future::poll_fn;
use std::task::Poll;
use std::thread;

use wakers::{block_on, oneshot};

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let mut polls = 0;
    let answer = block_on(poll_fn(|context| {
        polls += 1;
        println!("poll {polls}");
        if polls == 3 {
            return Poll::Ready("third time lucky");
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }));
    println!("a future that wakes itself: {answer}");

    let (sender, receiver) = oneshot::channel();
    let other = thread::spawn(move || sender.send("from afar"));
    println!("a value from another thread: {:?}", block_on(receiver));
    println!("the other thread: {:?}", other.join().unwrap());

    let (sender, receiver) = oneshot::channel();
    let nested = block_on(async {
        let inner = thread::spawn(move || sender.send("from within"));
        let value = block_on(receiver);
        inner.join().unwrap().unwrap();
        value
    });
    println!("a wait inside a wait: {nested:?}");
}
// ANCHOR_END: main
