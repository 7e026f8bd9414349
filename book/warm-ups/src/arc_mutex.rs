//! One counter, many threads.

use std::sync::{Arc, Mutex};
use std::thread;

/// Starts this many threads, each of which adds one to the same counter this many times, and returns the counter's last value.
///
/// # Panics
///
/// If one of the threads panics.
pub fn count(threads: u32, times: u32) -> u32 {
    // YOURS
    // ANCHOR: count
    let counter = Arc::new(Mutex::new(0));
    let start = |_| {
        let counter = Arc::clone(&counter);
        thread::spawn(move || {
            for _ in 0..times {
                *counter.lock().unwrap() += 1;
            }
        })
    };
    let workers: Vec<_> = (0..threads).map(start).collect();
    for worker in workers {
        worker.join().unwrap();
    }
    *counter.lock().unwrap()
    // ANCHOR_END: count
    // STUB: todo!("start {threads} threads, each of which adds {times} times")
    // YOURS_END
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn no_addition_is_lost() {
        assert_eq!(count(4, 1_000), 4_000);
    }
}
