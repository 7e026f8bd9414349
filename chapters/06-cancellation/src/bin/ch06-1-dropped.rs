//! What is left of a future that is dropped at a suspension point.

use std::future::pending;
use std::pin::pin;
use std::task::{Context, Waker};

// ANCHOR: main
/// A value whose destructor tells.
struct Note(&'static str);

impl Drop for Note {
    fn drop(&mut self) {
        println!("  {} is given back", self.0);
    }
}

async fn copy() {
    let _file = Note("the file");
    println!("  copies the first half");
    pending::<()>().await; // The second half never comes.
    println!("  copies the second half");
}

fn main() {
    closed_output::end_quietly();
    let mut copying = Box::pin(copy());
    println!("polled:");
    let polled = pin!(&mut copying).poll(&mut Context::from_waker(Waker::noop()));
    println!("is pending: {}", polled.is_pending());
    println!("dropped:");
    drop(copying);
    println!("and that was all");
}
// ANCHOR_END: main
