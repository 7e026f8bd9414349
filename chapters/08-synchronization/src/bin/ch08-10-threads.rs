//! Four threads with a loop of their own each share two permits, and a fifth thread tells a task on the
//! main thread when all of them are done.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use event_loop::{EventLoop, yield_now};
use synchronization::{SharedNotify, SharedSemaphore};

const THREADS: usize = 4;
const JOBS: usize = 100;

// ANCHOR: worker
/// What the threads share. `Relaxed`: the figures order nothing, and are read after the threads ended.
#[derive(Default)]
struct Figures {
    running: AtomicUsize,
    most: AtomicUsize,
    done: AtomicUsize,
}

/// Runs on a loop of its own.
async fn worker(semaphore: SharedSemaphore, figures: Arc<Figures>) {
    for _ in 0..JOBS {
        let _permit = semaphore.acquire().await.expect("it is never closed");
        let running = figures.running.fetch_add(1, Ordering::Relaxed) + 1;
        figures.most.fetch_max(running, Ordering::Relaxed);
        yield_now().await;
        figures.running.fetch_sub(1, Ordering::Relaxed);
        figures.done.fetch_add(1, Ordering::Relaxed);
    }
}
// ANCHOR_END: worker

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let (semaphore, figures) = (SharedSemaphore::new(2), Arc::new(Figures::default()));
    let all_done = Arc::new(SharedNotify::new());
    let (permits, noted, notify) = (semaphore.clone(), figures.clone(), all_done.clone());
    let other = thread::spawn(move || {
        let workers = [(); THREADS].map(|()| {
            let (semaphore, figures) = (permits.clone(), noted.clone());
            thread::spawn(|| EventLoop::new().block_on(worker(semaphore, figures)))
        });
        for worker in workers {
            worker.join().expect("no worker panics");
        }
        notify.notify_one();
    });
    EventLoop::new().block_on(all_done.notified());
    other.join().expect("it does not panic");
    let (done, most) = (
        figures.done.load(Ordering::Relaxed),
        figures.most.load(Ordering::Relaxed),
    );
    println!("jobs done: {done}");
    println!("at most 2 at a time: {}", most <= 2);
    println!("permits free: {}", semaphore.available());
}
// ANCHOR_END: main
