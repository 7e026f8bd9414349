//! Two tasks that save a file when they are ended: one with a shield, one with a token.

use std::rc::Rc;
use std::time::Duration;

use cancellation::{Source, Task, Token, shield};
use event_loop::{EventLoop, Handle, JumpingDriver, Spawn, yield_now};
use state_machines::{Winner, race};

// ANCHOR: save
async fn save(handle: Handle, name: &'static str) {
    println!("  {name}: half is written");
    handle.sleep(Duration::from_secs(1)).await;
    println!("  {name}: all is written");
}
// ANCHOR_END: save

// ANCHOR: until_asked
async fn until_asked(handle: Handle, token: Token) {
    let an_hour = handle.sleep(Duration::from_secs(3_600));
    match race(token.cancelled(), an_hour).await {
        Winner::First(()) => save(handle, "asked").await,
        Winner::Second(()) => println!("  asked: the hour has passed"),
    }
}
// ANCHOR_END: until_asked

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    event_loop.block_on(async {
        // ANCHOR: cancelled
        println!("cancelled:");
        let task = Task::spawn(&spawn, save(handle.clone(), "plain"));
        yield_now().await;
        task.cancel();
        handle.sleep(Duration::from_secs(5)).await;

        println!("cancelled, and the work is shielded:");
        let shielded = shield(&spawn, save(handle.clone(), "shielded"));
        let task = Task::spawn(&spawn, async move { drop(shielded.await) });
        yield_now().await;
        task.cancel();
        handle.sleep(Duration::from_secs(5)).await;
        // ANCHOR_END: cancelled

        // ANCHOR: asked
        println!("asked:");
        let source = Source::new();
        let task = Task::spawn(&spawn, until_asked(handle.clone(), source.token()));
        yield_now().await;
        source.cancel();
        println!("  it has returned: {}", task.await.is_ok());
        // ANCHOR_END: asked
    });
}
