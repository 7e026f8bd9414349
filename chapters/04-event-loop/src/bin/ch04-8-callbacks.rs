//! Callbacks: soon, later, and not at all.

use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let say = |handle: &Handle, text: &'static str| {
        let handle = handle.clone();
        move || println!("{:>5}  {text}", handle.now().to_string())
    };

    let _ = handle.call_later(Duration::from_millis(20), say(&handle, "later: 20 ms"));
    let _ = handle.call_later(Duration::from_millis(10), say(&handle, "later: 10 ms"));
    let _ = handle.call_soon(say(&handle, "soon: first"));
    let _ = handle.call_soon({
        let handle = handle.clone();
        move || {
            println!("{:>5}  soon: asks for one more", handle.now().to_string());
            let _ = handle.call_soon(say(&handle, "soon: from a callback"));
        }
    });
    let never = handle.call_later(Duration::from_millis(15), say(&handle, "never"));
    let _ = handle.call_soon(say(&handle, "soon: third"));
    println!("taken back: {}", never.cancel());

    let stop = handle.clone();
    let _ = handle.call_later(Duration::from_millis(30), move || stop.stop());
    event_loop.run_forever();
    println!("{:>5}  stopped", handle.now().to_string());
}
// ANCHOR_END: main
