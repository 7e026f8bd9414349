//! A flag without a lock: one thread writes a value and sets the flag, another waits for the flag and reads the value.

use std::hint;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let value = AtomicU32::new(0);
    let is_set = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            value.store(7, Ordering::Relaxed);
            is_set.store(true, Ordering::Release);
        });
        while !is_set.load(Ordering::Acquire) {
            hint::spin_loop();
        }
        let seen = value.load(Ordering::Relaxed);
        println!("the flag is set, and the value is {seen}");
    });
}
// ANCHOR_END: main
