//! Two semaphores in place of the conditions: a letter is reserved for the task that waits for it.

use std::cell::RefCell;
use std::collections::VecDeque;
use synchronization::Semaphore;
pub struct LetterBox<T> {
    room: Semaphore,
    there: Semaphore,
    list: RefCell<VecDeque<T>>,
}
impl<T> LetterBox<T> {
    pub fn new(capacity: usize) -> LetterBox<T> {
        LetterBox {
            room: Semaphore::new(capacity),
            there: Semaphore::new(0),
            list: RefCell::default(),
        }
    }
    pub async fn put(&self, letter: T) {
        self.room.acquire().await.unwrap().forget();
        self.list.borrow_mut().push_back(letter);
        self.there.release(1).unwrap();
    }
    pub async fn take(&self) -> T {
        self.there.acquire().await.unwrap().forget();
        let letter = self.list.borrow_mut().pop_front().unwrap();
        self.room.release(1).unwrap();
        letter
    }
}
