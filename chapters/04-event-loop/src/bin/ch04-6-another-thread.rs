//! A loop that waits for another thread sleeps until that thread has called: how often it parks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use event_loop::{EventLoop, Observer, ThreadDriver};
use wakers::oneshot;

// ANCHOR: main
/// Counts the parks that sleep, and tells a thread of the first.
struct Counting {
    asleep: mpsc::SyncSender<()>,
    sleeps: Arc<AtomicU64>,
}

impl Observer for Counting {
    fn parked(&self, timeout: Option<Duration>) {
        if timeout.is_none() {
            self.sleeps.fetch_add(1, Ordering::Relaxed);
            let _ = self.asleep.try_send(());
        }
    }
}

fn main() {
    closed_output::end_quietly();
    let (asleep, is_asleep) = mpsc::sync_channel(1);
    let sleeps = Arc::new(AtomicU64::new(0));
    let counting = Counting {
        asleep,
        sleeps: Arc::clone(&sleeps),
    };
    let event_loop = EventLoop::observed(ThreadDriver::new(), counting);
    let (sender, receiver) = oneshot::channel();
    let thread = thread::spawn(move || {
        let _ = is_asleep.recv();
        thread::sleep(Duration::from_millis(10));
        sender.send(7)
    });
    let received = event_loop.block_on(receiver);
    let _ = thread.join();
    println!(
        "{received:?} was received; the loop went to sleep this often: {}",
        sleeps.load(Ordering::Relaxed)
    );
}
// ANCHOR_END: main
