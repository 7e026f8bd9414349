//! The first of two downloads: the end of a loser, and a loser that is kept.

use std::pin::Pin;
use std::time::Duration;

use composition::{Winner, select, select_with_rest};
use event_loop::{EventLoop, Handle, JumpingDriver};

// ANCHOR: download
struct Connection(&'static str);

impl Drop for Connection {
    fn drop(&mut self) {
        println!("   {} closes its connection", self.0);
    }
}

async fn download(name: &'static str, seconds: u64, handle: Handle) -> &'static str {
    let _connection = Connection(name);
    handle.sleep(Duration::from_secs(seconds)).await;
    name
}
// ANCHOR_END: download

// ANCHOR: loser
async fn first_of_two(handle: &Handle) {
    let near = download("near", 1, handle.clone());
    let far = download("far", 3, handle.clone());
    let (Winner::First(winner) | Winner::Second(winner)) = select(near, far).await;
    println!("   {winner} is first");
}
// ANCHOR_END: loser

// ANCHOR: rest
async fn first_and_then_the_other(handle: &Handle) {
    let near = Box::pin(download("near", 1, handle.clone()));
    let far = Box::pin(download("far", 3, handle.clone()));
    let (winner, rest): (_, Pin<Box<dyn Future<Output = &str>>>) =
        match select_with_rest(near, far).await {
            Winner::First((winner, far)) => (winner, far),
            Winner::Second((near, winner)) => (winner, near),
        };
    println!("   {winner} is first");
    println!(
        "   {} is second, after {} s",
        rest.await,
        handle.now().since_start().as_secs()
    );
}
// ANCHOR_END: rest

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    println!("the loser is dropped:");
    event_loop.block_on(first_of_two(&handle));

    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    println!("the loser is kept:");
    event_loop.block_on(first_and_then_the_other(&handle));
}
// ANCHOR_END: main
