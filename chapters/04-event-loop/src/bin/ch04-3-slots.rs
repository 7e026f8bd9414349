//! A slot that is used again: what an entry in the queue and an old handle find in it.

use std::future::{pending, poll_fn};
use std::task::Poll;

use event_loop::{EventLoop, Handle, JoinHandle, JumpingDriver, yield_now};

// ANCHOR: story
async fn story(handle: Handle) {
    // `spawn` wakes the new task: its id is in the ready queue.
    let a = handle.spawn(pending::<()>());
    print_id("A", &a);
    println!("A is aborted: {}", a.abort());

    let b = handle.spawn(poll_fn(|_| {
        println!("  B is polled");
        Poll::<()>::Pending
    }));
    print_id("B", &b);
    println!("the old handle of A aborts a task: {}", a.abort());

    println!("the loop reaches both entries:");
    yield_now().await;
    println!("main runs again");
}

fn print_id<T>(name: &str, task: &JoinHandle<T>) {
    let id = task.task().expect("the loop is open");
    println!(
        "{name} is in slot {}, with the generation {}",
        id.place(),
        id.number()
    );
}
// ANCHOR_END: story

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(story(event_loop.handle()));
}
