//! A program whose main future returns while a task of it is half done.

use std::rc::Rc;
use std::time::Duration;

use cancellation::Cleanup;
use event_loop::{EventLoop, Handle, JumpingDriver, Spawn};

// ANCHOR: upload
/// Uploads a file. If it is dropped, the half that has arrived has to be removed at the server.
async fn upload(spawn: Rc<dyn Spawn>, handle: Handle) {
    let timer = handle.clone();
    let half = Cleanup::new(&spawn, async move {
        timer.sleep(Duration::from_secs(1)).await;
        says(&timer, "the server has removed the half file");
    });
    handle.sleep(Duration::from_secs(60)).await;
    half.cancel();
    says(&handle, "uploaded");
}
// ANCHOR_END: upload

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    event_loop.block_on(async {
        drop(handle.spawn(upload(spawn, handle.clone())));
        handle.sleep(Duration::from_secs(5)).await;
        says(&handle, "main returns");
    });
    drop(event_loop);
    says(&handle, "the program ends");
}
// ANCHOR_END: main

fn says(handle: &Handle, what: impl std::fmt::Display) {
    println!("{} s  {what}", handle.now().since_start().as_secs());
}
