//! The same program under `run`: what is left is cancelled, and its clean-up is waited for.

use std::rc::Rc;
use std::time::Duration;

use cancellation::Cleanup;
use event_loop::{EventLoop, Handle, JumpingDriver, Spawn};
use service::run;

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

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let ran = run(event_loop, Duration::from_secs(10), async |program| {
        let handle = program.handle();
        program.spawn("upload", upload(program.spawner(), handle.clone()));
        let timer = handle.clone();
        program.at_exit("pool", async move {
            timer.sleep(Duration::from_secs(2)).await;
            says(&timer, "the pool has no thread left");
            Ok(())
        });
        handle.sleep(Duration::from_secs(5)).await;
        says(&handle, "main returns");
    });
    println!("left: {:?}, problems: {:?}", ran.left, ran.problems);
}
// ANCHOR_END: main

fn says(handle: &Handle, what: impl std::fmt::Display) {
    println!("{} s  {what}", handle.now().since_start().as_secs());
}
