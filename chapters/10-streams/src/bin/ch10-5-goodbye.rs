//! A goodbye behind the last line of the body: when is it said?

use std::rc::Rc;
use std::time::Duration;

use cancellation::Task;
use event_loop::{EventLoop, Handle, JumpingDriver, Spawn};

// ANCHOR: talk
async fn talk(handle: Handle, answer: Result<u32, &'static str>) -> Result<u32, &'static str> {
    println!("  hello");
    handle.sleep(Duration::from_secs(1)).await;
    let value = answer?;
    println!("  goodbye");
    Ok(value)
}
// ANCHOR_END: talk

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    event_loop.block_on(async {
        // ANCHOR: main
        println!("a value:");
        let _ = talk(handle.clone(), Ok(7)).await;
        println!("an error:");
        let _ = talk(handle.clone(), Err("no such user")).await;
        println!("a cancellation:");
        let task = Task::spawn(&spawn, talk(handle.clone(), Ok(7)));
        handle.sleep(Duration::from_millis(500)).await;
        task.cancel();
        // ANCHOR_END: main
    });
}
