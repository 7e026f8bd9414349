//! A machine that is dropped in each of its states.

use std::task::{Context, Poll, Waker};

use state_machines::yield_now;

// ANCHOR: machine
/// Something that has to be given back.
struct Lock(&'static str);

impl Drop for Lock {
    fn drop(&mut self) {
        println!("    {}: given back", self.0);
    }
}

async fn work(outer: Lock) {
    yield_now().await;
    let inner = Lock("inner");
    println!("    inner: taken");
    yield_now().await;
    drop(inner);
    yield_now().await;
    drop(outer);
}
// ANCHOR_END: machine

// ANCHOR: caller
fn main() {
    closed_output::end_quietly();
    for polls in 0..=4 {
        println!("caller: makes one, and polls it {polls} times");
        let mut work = Box::pin(work(Lock("outer")));
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..polls {
            if let Poll::Ready(()) = work.as_mut().poll(&mut context) {
                println!("caller: it is ready");
            }
        }
        println!("caller: drops it");
        drop(work);
    }
}
// ANCHOR_END: caller
