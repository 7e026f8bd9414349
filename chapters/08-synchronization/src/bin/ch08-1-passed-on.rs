//! A waiter is handed a permit, and cancelled before it runs.

use std::rc::Rc;

use cancellation::Task;
use event_loop::{EventLoop, Handle, JumpingDriver, Spawn, yield_now};
use synchronization::Semaphore;

// ANCHOR: task
async fn task(name: &str, semaphore: Semaphore) {
    println!("{name} asks");
    let _permit = semaphore.acquire().await;
    println!("{name} has the permit");
}
// ANCHOR_END: task

// ANCHOR: passed
pub(crate) async fn passed_on(handle: Handle) {
    let spawn: Rc<dyn Spawn> = Rc::new(handle);
    let semaphore = Semaphore::new(1);
    let permit = semaphore.acquire().await;
    let b = Task::spawn(&spawn, task("b", semaphore.clone()));
    let c = Task::spawn(&spawn, task("c", semaphore.clone()));
    yield_now().await; // Both wait.
    println!("the permit is returned");
    drop(permit);
    println!(
        "{} free, {} waits",
        semaphore.available(),
        semaphore.waiting()
    );
    println!("b is cancelled");
    b.cancel();
    println!(
        "{} free, {} waits",
        semaphore.available(),
        semaphore.waiting()
    );
    let _ended = c.await;
    println!("{} free", semaphore.available());
}
// ANCHOR_END: passed

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(passed_on(event_loop.handle()));
}
