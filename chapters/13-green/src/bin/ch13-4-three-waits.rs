//! Plain functions that wait, as tasks of one loop.

use std::io;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver, Time};
use green::{Green, wait};

fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(three_waits(event_loop.handle()))
}

// ANCHOR: main
pub(crate) async fn three_waits(handle: Handle) -> io::Result<()> {
    let mut threads = Vec::new();
    for (name, seconds) in [("a", 3), ("b", 1), ("c", 2)] {
        let inside = handle.clone();
        let thread = Green::new(move || prepare(&inside, name, seconds))?;
        threads.push(handle.spawn(thread));
    }
    for thread in threads {
        let _ = thread.await;
    }
    println!("main: {:?} in all", handle.now() - Time::START);
    Ok(())
}

/// No `async`, no `await`: a function that calls a function that waits.
fn prepare(handle: &Handle, name: &str, seconds: u64) {
    println!("{name}: begins");
    pause(handle, seconds);
    println!("{name}: has waited {seconds} s");
}

fn pause(handle: &Handle, seconds: u64) {
    wait(handle.sleep(Duration::from_secs(seconds)));
}
// ANCHOR_END: main
