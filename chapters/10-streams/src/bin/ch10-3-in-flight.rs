//! Six downloads: one after the other, three in flight, and three in flight while each page is stored.

use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use futures::{Stream, stream};
use streams::{buffer_unordered, buffered, map, next};

// ANCHOR: download
/// How long the server takes for each page, in seconds.
const TAKES: [u64; 6] = [1, 4, 1, 1, 1, 1];

/// Downloads a page: the server answers after some seconds.
async fn download(handle: Handle, page: usize) -> String {
    handle.sleep(Duration::from_secs(TAKES[page - 1])).await;
    format!("page {page}, downloaded at {}", handle.now())
}

/// Six downloads, which nothing has started yet.
fn downloads(handle: &Handle) -> impl Stream<Item = impl Future<Output = String>> + Unpin {
    map(stream::iter(1..=TAKES.len()), |page| {
        download(handle.clone(), page)
    })
}
// ANCHOR_END: download

// ANCHOR: one_by_one
async fn one_by_one(handle: Handle) {
    let mut downloads = downloads(&handle);
    while let Some(download) = next(&mut downloads).await {
        println!("  {}", download.await);
    }
    println!("  the end at {}", handle.now());
}
// ANCHOR_END: one_by_one

// ANCHOR: in_flight
async fn print_all(handle: &Handle, mut pages: impl Stream<Item = String> + Unpin) {
    while let Some(page) = next(&mut pages).await {
        println!("  {page}, printed at {}", handle.now());
    }
    println!("  the end at {}", handle.now());
}

async fn in_order(handle: Handle) {
    print_all(&handle, buffered(downloads(&handle), 3)).await;
}

async fn as_they_come(handle: Handle) {
    print_all(&handle, buffer_unordered(downloads(&handle), 3)).await;
}
// ANCHOR_END: in_flight

fn main() {
    closed_output::end_quietly();
    println!("one by one");
    run(one_by_one);
    println!("three in flight, in order");
    run(in_order);
    println!("three in flight, as they come");
    run(as_they_come);
}

/// Each part on a loop of its own, so that each begins at 0.
fn run<F: Future<Output = ()>>(part: impl FnOnce(Handle) -> F) {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(part(event_loop.handle()));
}
