//! Last messages that take time: in a destructor, in a cleanup, and after a token.

use std::rc::Rc;
use std::time::Duration;

use cancellation::{Cleanup, Task};
use event_loop::{EventLoop, Handle, JumpingDriver, Spawn, yield_now};

const SECOND: Duration = Duration::from_secs(1);

// ANCHOR: talk
async fn goodbye(handle: Handle) {
    println!("  says goodbye");
    handle.sleep(SECOND).await;
    println!("  hears goodbye");
}

async fn talk(handle: Handle, cleanup: Cleanup) {
    println!("  talks");
    handle.sleep(60 * SECOND).await;
    println!("  has nothing more to say");
    cleanup.await;
}
// ANCHOR_END: talk

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    event_loop.block_on(async {
        // ANCHOR: both
        for cancelled in [false, true] {
            println!("cancelled: {cancelled}");
            let cleanup = Cleanup::new(&spawn, goodbye(handle.clone()));
            let task = Task::spawn(&spawn, talk(handle.clone(), cleanup));
            yield_now().await;
            if cancelled {
                task.cancel();
                println!("  cancel has returned");
            }
            let _ = task.await;
            println!("  the task has finished");
            handle.sleep(5 * SECOND).await;
        }
        // ANCHOR_END: both
    });
    // ANCHOR: closed
    println!("the loop is closed:");
    let late = Cleanup::new(&spawn, goodbye(handle.clone()));
    event_loop.close();
    drop(late);
    println!("  no task is left to say it");
    // ANCHOR_END: closed
}
