//! The steps of each iteration, printed by an observer.

use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver, Observer, TaskId, Time, TimerKey, yield_now};

// ANCHOR: observer
/// Prints each step.
struct Telling;

impl Observer for Telling {
    fn turn_begun(&self) {
        println!("turn");
    }

    fn parked(&self, timeout: Option<Duration>) {
        match timeout {
            None => println!("  parks until a wake"),
            Some(Duration::ZERO) => println!("  looks for events"),
            Some(timeout) => println!("  parks for {timeout:?} at the most"),
        }
    }

    fn timer_set(&self, _timer: TimerKey, when: Time) {
        println!("    (a timer is set for {when})");
    }

    fn timer_fired(&self, _timer: TimerKey) {
        println!("  a timer is due");
    }

    fn poll_begun(&self, task: TaskId) {
        println!("  polls {task}");
    }

    fn woken(&self, task: TaskId) {
        println!("    ({task} is put into the queue)");
    }
}
// ANCHOR_END: observer

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::observed(JumpingDriver::new(), Telling);
    event_loop.block_on(story(event_loop.handle()));
}

pub(crate) async fn story(handle: Handle) {
    let busy = handle.spawn(async {
        yield_now().await;
        yield_now().await;
    });
    handle.sleep(Duration::from_millis(10)).await;
    let _ = busy.await;
}
// ANCHOR_END: main
