//! Two tasks that are waited for, and one that has a time-out.

use std::rc::Rc;
use std::time::Duration;

use cancellation::Task;
use composition::{Until, timeout, wait_at};
use event_loop::{EventLoop, Handle, JumpingDriver, Spawn};

// ANCHOR: main
const SECOND: Duration = Duration::from_secs(1);

/// Writes when it is dropped.
struct Note(&'static str);

impl Drop for Note {
    fn drop(&mut self) {
        println!("{}: is dropped", self.0);
    }
}

async fn job(handle: Handle, name: &'static str, seconds: u32) {
    let _note = Note(name);
    handle.sleep(SECOND * seconds).await;
    println!("{name}: ends");
}

pub(crate) async fn both_ways(handle: Handle) {
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    let job = |name, seconds| Task::spawn(&spawn, job(handle.clone(), name, seconds));
    let deadline = handle.now() + 2 * SECOND;
    let waited = wait_at(
        &handle,
        deadline,
        vec![job("a", 1), job("b", 3)],
        Until::All,
    )
    .await;
    println!("main: has waited");
    let result = timeout(&handle, 2 * SECOND, job("c", 3)).await;
    println!("main: has timed out: {}", result.is_err());
    handle.sleep(3 * SECOND).await;
    println!("main: ends, {} was pending", waited.pending.len());
}
// ANCHOR_END: main

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(both_ways(handle));
}
