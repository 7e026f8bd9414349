//! A worker is asked to stop in the iteration in which a message comes.

use std::time::Duration;

use composition::{Requests, Stopped, wait_for};
use event_loop::{EventLoop, Handle, JumpingDriver, yield_now};
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};

// ANCHOR: worker
async fn worker(handle: Handle, requests: Requests, mut messages: UnboundedReceiver<&str>) {
    let ten = Duration::from_secs(10);
    loop {
        match wait_for(&handle, ten, &requests, messages.next()).await {
            Ok(Some(text)) => println!("worker: handles {text}"),
            Ok(None) => return println!("worker: has no sender left"),
            Err(Stopped::Elapsed(_)) => println!("worker: has waited for 10s"),
            Err(stopped) => return println!("worker: {stopped}"),
        }
    }
}
// ANCHOR_END: worker

// ANCHOR: main
async fn caller(handle: Handle) {
    let (requests, (sender, messages)) = (Requests::new(), unbounded());
    let worker = handle.spawn(worker(handle.clone(), requests.clone(), messages));
    yield_now().await;
    let _sent = sender.unbounded_send("message 1");
    for _ in 0..3 {
        yield_now().await;
    }
    println!("main: sends message 2 and asks the worker to stop");
    let _sent = sender.unbounded_send("message 2");
    requests.push("shutdown");
    for _ in 0..5 {
        yield_now().await;
    }
    match worker.is_finished() {
        true => println!("main: the worker has ended"),
        false => println!("main: the worker still runs"),
    }
}
// ANCHOR_END: main

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(caller(handle));
}
