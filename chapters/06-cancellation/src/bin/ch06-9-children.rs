//! A parent is cancelled: what becomes of a child that it owns, that it let go, and of a loop's
//! task.

use std::rc::Rc;
use std::time::Duration;

use cancellation::Task;
use event_loop::{EventLoop, Handle, JumpingDriver, Spawn, yield_now};

// ANCHOR: main
async fn child(handle: Handle, name: &'static str) {
    println!("  {name} begins");
    handle.sleep(Duration::from_secs(1)).await;
    println!("  {name} comes to its end");
}

async fn parent(spawn: Rc<dyn Spawn>, handle: Handle) {
    let _owned = Task::spawn(&spawn, child(handle.clone(), "owned"));
    Task::spawn(&spawn, child(handle.clone(), "detached")).detach();
    let _joined = handle.spawn(child(handle.clone(), "the loop's"));
    handle.sleep(Duration::from_secs(60)).await;
}

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    event_loop.block_on(async {
        let parent = Task::spawn(&spawn, parent(Rc::clone(&spawn), handle.clone()));
        yield_now().await;
        yield_now().await;
        println!("the parent is cancelled");
        parent.cancel();
        handle.sleep(Duration::from_secs(5)).await;
    });
}
// ANCHOR_END: main
