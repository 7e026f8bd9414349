//! Two downloads in flight, and a body that takes its time.

use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use futures::stream;
use streams::{buffered, map, next};

// ANCHOR: main
const SECOND: Duration = Duration::from_secs(1);

/// How long the server takes for each page.
const TAKES: [Duration; 3] = [SECOND, SECOND.saturating_mul(2), SECOND];

/// Asks the server for a page. The client reads the answer when it is polled.
async fn download(handle: Handle, page: usize) -> usize {
    println!("page {page}: asked for at {}", handle.now());
    let answer = handle.now() + TAKES[page - 1];
    handle.sleep_until(answer).await;
    let late = handle.now() - answer;
    println!("page {page}: read at {}, {late:?} late", handle.now());
    page
}

pub(crate) async fn pages(handle: Handle) {
    let downloads = map(stream::iter(1..=3), |page| download(handle.clone(), page));
    let mut pages = buffered(downloads, 2);
    while let Some(page) = next(&mut pages).await {
        handle.sleep(3 * SECOND).await;
        println!("page {page}: stored at {}", handle.now());
    }
}
// ANCHOR_END: main

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(pages(handle));
}
