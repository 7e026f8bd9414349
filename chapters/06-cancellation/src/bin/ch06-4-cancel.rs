//! A task is cancelled at different moments.

use std::cell::RefCell;
use std::future::ready;
use std::rc::Rc;
use std::time::Duration;

use cancellation::{Ended, Task};
use event_loop::{EventLoop, Handle, JumpingDriver, Spawn, yield_now};

/// Says that it is dropped.
struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        println!("  its destructors run");
    }
}

// ANCHOR: work
async fn work(handle: Handle) -> u32 {
    let _guard = Guard;
    println!("  it starts");
    handle.sleep(Duration::from_secs(60)).await;
    println!("  it goes on");
    7
}
// ANCHOR_END: work

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(situations(event_loop.handle()));
}

// ANCHOR: three
async fn situations(handle: Handle) {
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());

    println!("before its first poll");
    cancel_and_wait(Task::spawn(&spawn, work(handle.clone()))).await;

    println!("while it is suspended");
    while_suspended(handle).await;

    println!("after it has finished");
    let task = Task::spawn(&spawn, ready(7));
    yield_now().await;
    cancel_and_wait(task).await;
    // ANCHOR_END: three

    // ANCHOR: itself
    println!("by itself, while it is polled");
    let own: Rc<RefCell<Option<Task<()>>>> = Rc::default();
    let itself = Rc::clone(&own);
    own.replace(Some(Task::spawn(&spawn, async move {
        let _guard = Guard;
        itself.borrow().as_ref().map(Task::cancel);
        println!("  it runs on, to its next await");
        yield_now().await;
        println!("  it goes on");
    })));
    yield_now().await;
    let task = own.take().expect("it was put there");
    cancel_and_wait(task).await;
    // ANCHOR_END: itself
}

pub(crate) async fn while_suspended(handle: Handle) {
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    let task = Task::spawn(&spawn, work(handle));
    yield_now().await;
    cancel_and_wait(task).await;
}

// ANCHOR: cancel_and_wait
async fn cancel_and_wait<T>(task: Task<T>) -> Option<T>
where
    T: std::fmt::Debug + 'static,
{
    println!("  cancel() is {}", task.cancel());
    let end = task.await;
    match &end {
        Ok(output) => println!("  it has its output: {output:?}"),
        Err(Ended::Cancelled) => println!("  it was cancelled"),
        Err(Ended::Panicked(_)) => println!("  it has panicked"),
    }
    end.ok()
}
// ANCHOR_END: cancel_and_wait
