//! Two requests share a connection. The page's query is slow, and a note is written about that.

use std::pin::pin;
use std::time::Duration;

use composition::{Connection, Winner, select, timeout};
use event_loop::{EventLoop, Handle, JumpingDriver};

// ANCHOR: request
async fn request(connection: &Connection, handle: &Handle, name: &str, takes: u64) {
    let _turn = connection.turn().await;
    says(handle, format!("{name} has the connection"));
    handle.sleep(Duration::from_millis(takes)).await;
    says(handle, format!("{name} is done"));
}
// ANCHOR_END: request

// ANCHOR: page
async fn page(connection: &Connection, handle: &Handle) {
    let mut query = pin!(request(connection, handle, "the query", 200));
    let second = handle.sleep(Duration::from_secs(1));
    if let Winner::Second(()) = select(&mut query, second).await {
        says(handle, "the query is slow: a note about it");
        request(connection, handle, "the note", 100).await;
        query.await;
    }
}
// ANCHOR_END: page

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let connection = Connection::new();
    let (theirs, timer) = (connection.clone(), handle.clone());
    drop(handle.spawn(async move { request(&theirs, &timer, "the backup", 2_000).await }));
    event_loop.block_on(async {
        event_loop::yield_now().await;
        let hour = Duration::from_secs(3_600);
        match timeout(&handle, hour, page(&connection, &handle)).await {
            Ok(()) => says(&handle, "the page is there"),
            Err(_) => says(&handle, "no page"),
        }
    });
}
// ANCHOR_END: main

fn says(handle: &Handle, what: impl std::fmt::Display) {
    println!("{:>7} ms  {what}", handle.now().since_start().as_millis());
}
