//! One program on both loops: chapter 04's, and chapter 14's.

use std::cell::RefCell;
use std::rc::Rc;

use event_loop::{Handle, yield_now};

// ANCHOR: story
/// Two tasks and a callback, and the order in which they run.
async fn story(handle: Handle) -> String {
    let order = Rc::new(RefCell::new(Vec::new()));
    let note = |name: &'static str| {
        let order = Rc::clone(&order);
        move || order.borrow_mut().push(name)
    };
    let tasks = [("a", "a again"), ("b", "b again")].map(|(first, second)| {
        let (first, second) = (note(first), note(second));
        handle.spawn(async move {
            first();
            yield_now().await;
            second();
        })
    });
    drop(handle.call_soon(note("callback")));
    for task in tasks {
        task.await.expect("the tasks do not panic");
    }
    order.take().join(", ")
}
// ANCHOR_END: story

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let reference = event_loop::EventLoop::new();
    let fast = speed::EventLoop::new();
    println!(
        "chapter 04: {}",
        reference.block_on(story(reference.handle()))
    );
    println!("chapter 14: {}", fast.block_on(story(fast.handle())));
}
// ANCHOR_END: main
