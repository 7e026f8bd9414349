//! Four jobs are done, and a task counts them by what it is told.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver, yield_now};
use synchronization::{Event, Notify, Semaphore};

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(async {
        println!("four jobs are done, the first three at the same moment");

        let event = Event::new();
        let news = event.clone();
        let counted = told(
            &handle,
            move || news.set(),
            async move || {
                event.wait().await;
                event.clear();
            },
        );
        println!("  told by an event, a task counts {}", counted.await);
        // ANCHOR_END: main

        // ANCHOR: others
        let notify = Notify::new();
        let news = notify.clone();
        let counted = told(
            &handle,
            move || news.notify_one(),
            async move || {
                notify.notified().await;
            },
        );
        println!("  told by a notify, it counts {}", counted.await);

        let semaphore = Semaphore::new(0);
        let news = semaphore.clone();
        let counted = told(
            &handle,
            move || news.release(1).unwrap(),
            async move || {
                semaphore.acquire().await.unwrap().forget();
            },
        );
        println!("  told by a semaphore, it counts {}", counted.await);
    });
}
// ANCHOR_END: others

// ANCHOR: told
/// Reports four jobs with `report`, and returns how often `wait` completed in another task.
async fn told(handle: &Handle, report: impl Fn(), wait: impl AsyncFn() + 'static) -> u32 {
    let counted = Rc::new(Cell::new(0));
    let count = Rc::clone(&counted);
    let counter = handle.spawn(async move {
        loop {
            wait().await;
            count.set(count.get() + 1);
        }
    });
    yield_now().await; // The counter waits.
    for _ in 0..3 {
        report();
    }
    handle.sleep(Duration::from_secs(1)).await;
    report();
    handle.sleep(Duration::from_secs(1)).await;
    counter.abort();
    counted.get()
}
// ANCHOR_END: told
