//! Two tasks share a look-up, and the one that began it is dropped halfway.

use std::time::Duration;

use blocking::SingleFlight;
use event_loop::{EventLoop, Handle, JumpingDriver};

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(first_leaves(event_loop.handle()));
}

// ANCHOR: first_leaves
pub(crate) async fn first_leaves(handle: Handle) {
    let flights: SingleFlight<&str, &str> = SingleFlight::new();
    let ask = |name: &'static str| {
        let (flights, handle) = (flights.clone(), handle.clone());
        async move {
            let work = || async move {
                println!("{name} begins the look-up");
                handle.sleep(Duration::from_millis(20)).await;
                "127.0.0.1"
            };
            let address = flights.run("localhost", work).await;
            println!("{name} has {address}");
        }
    };
    let a = handle.spawn(ask("a"));
    let b = handle.spawn(ask("b"));
    handle.sleep(Duration::from_millis(10)).await;
    println!("a is dropped");
    a.abort();
    let _ = b.await;
}
// ANCHOR_END: first_leaves
