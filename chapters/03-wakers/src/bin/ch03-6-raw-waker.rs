//! The references of a target, while a waker made by hand is cloned, called and dropped.

use std::sync::Arc;

use wakers::raw_waker::{Notify, waker_of};

struct Bell;

impl Notify for Bell {
    fn notify(&self) {
        println!("    the bell rings");
    }
}

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let bell = Arc::new(Bell);
    let count = |what: &str| println!("{what:<24} {} references", Arc::strong_count(&bell));

    count("the bell");
    let first = waker_of(Arc::clone(&bell));
    count("waker_of");
    let second = first.clone();
    count("clone");
    first.wake_by_ref();
    count("wake_by_ref");
    second.wake();
    count("wake, which uses it up");
    drop(first);
    count("drop");
}
// ANCHOR_END: main
