//! The same service of three parts, whose start and clean-up stand side by side.

use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver, Spawn};
use service::Lifecycle;

// ANCHOR: parts
fn parts(spawn: &Rc<dyn Spawn>, handle: &Handle, port_is_taken: bool) -> Lifecycle<&'static str> {
    let mut lifecycle = Lifecycle::new(spawn);
    let timer = handle.clone();
    lifecycle.context("database", async move {
        timer.sleep(Duration::from_secs(1)).await;
        says(&timer, "database: session open");
        Ok(async move {
            timer.sleep(Duration::from_secs(1)).await;
            says(&timer, "database: session closed");
            Ok(())
        })
    });
    let timer = handle.clone();
    lifecycle.context("cache", async move {
        timer.sleep(Duration::from_secs(2)).await;
        says(&timer, "cache: loaded");
        Ok(async move {
            timer.sleep(Duration::from_secs(1)).await;
            Err("no space left on the disk")
        })
    });
    lifecycle.on_startup("listener", async move {
        match port_is_taken {
            true => Err("the address is in use"),
            false => Ok(()),
        }
    });
    lifecycle
}
// ANCHOR_END: parts

// ANCHOR: service
async fn service(handle: Handle, port_is_taken: bool) {
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    match parts(&spawn, &handle, port_is_taken).start().await {
        Ok(running) => {
            says(&handle, "ready");
            for failure in running.stop().await {
                says(&handle, format!("not cleaned up: {failure}"));
            }
        }
        Err(not_started) => says(&handle, not_started),
    }
}
// ANCHOR_END: service

pub(crate) async fn both(handle: Handle) {
    println!("the port is taken, and the disk is full:");
    service(handle.clone(), true).await;
    println!("the disk is full:");
    service(handle, false).await;
}

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(both(event_loop.handle()));
}

fn says(handle: &Handle, what: impl std::fmt::Display) {
    println!("{} s  {what}", handle.now().since_start().as_secs());
}
