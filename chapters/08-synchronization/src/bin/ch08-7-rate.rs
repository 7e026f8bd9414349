//! Seven requests at the same moment, and a limit of twenty in a second.

use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use synchronization::RateLimiter;

// ANCHOR: requests
async fn seven_requests(handle: &Handle) {
    let interval = Duration::from_millis(50);
    let limiter = Rc::new(RateLimiter::new(handle.clone(), 2, interval));
    let requests = ["a", "b", "c", "d", "e", "f", "g"].map(|name| {
        let (limiter, handle) = (Rc::clone(&limiter), handle.clone());
        handle.clone().spawn(async move {
            limiter.acquire().await;
            let ms = handle.now().since_start().as_millis();
            println!("{ms:>3} ms  {name} starts");
        })
    });
    for request in requests {
        request.await.expect("no request panics");
    }
}
// ANCHOR_END: requests

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(seven_requests(&event_loop.handle()));
}
