//! A borrow that lives across a pause.

use std::pin::pin;
use std::task::{Context, Waker};

use state_machines::yield_now;

// ANCHOR: program
async fn find(text: String) -> String {
    let found: &str = text.rsplit(' ').next().unwrap_or_default();
    yield_now().await;
    format!("the last word is {found:?}")
}

fn main() {
    let mut find = pin!(find("to be or not to be".to_owned()));
    let mut context = Context::from_waker(Waker::noop());
    println!("{:?}", find.as_mut().poll(&mut context));
    println!("{:?}", find.as_mut().poll(&mut context));
}
// ANCHOR_END: program
