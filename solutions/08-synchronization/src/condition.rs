//! Debug this program.
//! A box has room for a fixed number of letters. Some tasks put letters in, and wait while the box is
//! full. Others take letters out, and wait while it is empty. Mostly this works. Sometimes a task that
//! takes a letter panics, and sometimes there are more letters in the box than it has room for.

use std::collections::VecDeque;

use synchronization::{Condition, Mutex};

/// A box for letters. Any number of tasks may use it.
pub struct LetterBox<T> {
    capacity: usize,
    letters: Mutex<VecDeque<T>>,
    /// A letter was put in.
    arrived: Condition,
    /// A letter was taken out.
    room: Condition,
}

impl<T> LetterBox<T> {
    /// An empty box with room for `capacity` letters, one at the least.
    #[must_use]
    pub fn new(capacity: usize) -> LetterBox<T> {
        LetterBox {
            capacity,
            letters: Mutex::new(VecDeque::new()),
            arrived: Condition::new(),
            room: Condition::new(),
        }
    }

    /// Puts a letter in, and waits while the box is full. Every letter that is in wakes one task that
    /// waits for it, if there is one. A task that waits is polled only when another task has changed
    /// something, and the others can use the box meanwhile.
    ///
    /// If this future is dropped before it is ready, its letter is dropped, and no other.
    pub async fn put(&self, letter: T) {
        let mut letters = self.letters.lock().await;
        // YOURS
        while letters.len() == self.capacity {
            letters = self.room.wait(letters).await;
        }
        // STUB: if letters.len() == self.capacity {
        // STUB:     letters = self.room.wait(letters).await;
        // STUB: }
        // YOURS_END
        letters.push_back(letter);
        self.arrived.notify_one();
    }

    /// Takes the letter that is in the box longest, and waits while the box is empty. Every place that
    /// becomes free wakes one task that waits for it, if there is one.
    ///
    /// If this future is dropped before it is ready, the box keeps its letters.
    pub async fn take(&self) -> T {
        let mut letters = self.letters.lock().await;
        // YOURS
        while letters.is_empty() {
            letters = self.arrived.wait(letters).await;
        }
        // STUB: if letters.is_empty() {
        // STUB:     letters = self.arrived.wait(letters).await;
        // STUB: }
        // YOURS_END
        let letter = letters.pop_front().expect("a letter has arrived");
        self.room.notify_one();
        letter
    }
}
