//! A borrow that lives across a pause.

use std::pin::pin;
use std::task::{Context, Waker};

use state_machines::yield_now;

// ANCHOR: program
async fn last_word() -> String {
    let text: [u8; 5] = *b"to be";
    let found: &[u8] = &text[3..];
    yield_now().await;
    format!("the last word is {:?}", String::from_utf8_lossy(found))
}

fn main() {
    closed_output::end_quietly();
    let mut future = pin!(last_word());
    let mut context = Context::from_waker(Waker::noop());
    println!("{:?}", future.as_mut().poll(&mut context));
    println!("{:?}", future.as_mut().poll(&mut context));
}
// ANCHOR_END: program
