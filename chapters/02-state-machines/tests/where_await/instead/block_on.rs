use std::pin::pin;
use std::task::{Context, Poll, Waker};

async fn one() -> u8 {
    1
}

/// Polls again and again. Chapter 03 writes one that sleeps in between.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

// ANCHOR: code
fn main() {
    let answer = block_on(async { one().await + 1 });
    println!("{answer}");
}
// ANCHOR_END: code
