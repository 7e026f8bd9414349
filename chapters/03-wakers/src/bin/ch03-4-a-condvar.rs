//! A condition variable: one thread waits until another has put a letter into a box.

use std::sync::{Condvar, Mutex};
use std::thread;

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let letter: Mutex<Option<&str>> = Mutex::new(None);
    let changed = Condvar::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            *letter.lock().unwrap() = Some("see you at seven");
            changed.notify_one();
        });
        let mut letter = letter.lock().unwrap();
        while letter.is_none() {
            letter = changed.wait(letter).unwrap();
        }
        println!("in the box: {:?}", letter.take());
    });
}
// ANCHOR_END: main
