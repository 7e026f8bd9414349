//! A service that looks at a flag once a second, because its signal handler can do no more than set it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};

// ANCHOR: main
async fn service(handle: Handle, stop: Arc<AtomicBool>) {
    let mut looks = 0;
    while !stop.load(Ordering::SeqCst) {
        looks += 1;
        handle.sleep(Duration::from_secs(1)).await;
    }
    says(
        &handle,
        format!("the service stops, after {looks} looks at the flag"),
    );
}
// ANCHOR_END: main

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let (handle, stop) = (event_loop.handle(), Arc::<AtomicBool>::default());
    let (clock, handler) = (handle.clone(), Arc::clone(&stop));
    let _signal = handle.call_later(Duration::from_millis(3_600_100), move || {
        says(&clock, "SIGTERM");
        handler.store(true, Ordering::SeqCst);
    });
    event_loop.block_on(service(handle, stop));
}

fn says(handle: &Handle, what: impl std::fmt::Display) {
    println!("{:.1} s  {what}", handle.now().since_start().as_secs_f64());
}
