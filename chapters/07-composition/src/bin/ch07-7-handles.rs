//! Three downloads for one report, each a task. One of them fails.

use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};

// ANCHOR: download
async fn download(handle: Handle, name: &'static str, takes: u64) -> Result<(), &'static str> {
    handle.sleep(Duration::from_secs(takes)).await;
    if name == "prices" {
        return Err("prices: no route");
    }
    says(&handle, format!("{name}: written to the disk"));
    Ok(())
}
// ANCHOR_END: download

// ANCHOR: report
async fn report(handle: Handle) -> Result<(), &'static str> {
    let texts = handle.spawn(download(handle.clone(), "texts", 3));
    let prices = handle.spawn(download(handle.clone(), "prices", 1));
    let images = handle.spawn(download(handle.clone(), "images", 5));
    texts.await.unwrap()?;
    prices.await.unwrap()?;
    images.await.unwrap()
}
// ANCHOR_END: report

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(async {
        match report(handle.clone()).await {
            Ok(()) => says(&handle, "the report is complete"),
            Err(error) => says(&handle, format!("no report, because of {error}")),
        }
        handle.sleep(Duration::from_secs(10)).await;
    });
}
// ANCHOR_END: main

fn says(handle: &Handle, what: impl std::fmt::Display) {
    println!("{} s  {what}", handle.now().since_start().as_secs());
}
