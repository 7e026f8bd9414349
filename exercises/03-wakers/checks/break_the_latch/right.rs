//! The right version. Break the faulty one before you compare the two.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

#[derive(Default)]
pub(super) struct Latch {
    inside: Rc<RefCell<Inside>>,
}

#[derive(Default)]
struct Inside {
    open: bool,
    /// The waker of each task that waits, under the number of its wait.
    waiting: Vec<(u64, Waker)>,
    numbers: u64,
}

pub(super) struct Wait {
    inside: Rc<RefCell<Inside>>,
    number: u64,
}

impl Latch {
    pub(super) fn wait(&self) -> Wait {
        let inside = Rc::clone(&self.inside);
        inside.borrow_mut().numbers += 1;
        let number = inside.borrow().numbers;
        Wait { inside, number }
    }

    /// Opens the latch and wakes every task that waits.
    pub(super) fn open(&self) {
        let mut inside = self.inside.borrow_mut();
        inside.open = true;
        let waiting = std::mem::take(&mut inside.waiting);
        drop(inside);
        for (_, waker) in waiting {
            waker.wake();
        }
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut inside = self.inside.borrow_mut();
        if inside.open {
            return Poll::Ready(());
        }
        let mut waiting = inside.waiting.iter_mut();
        match waiting.find(|(number, _)| *number == self.number) {
            Some((_, kept)) => kept.clone_from(context.waker()),
            None => inside.waiting.push((self.number, context.waker().clone())),
        }
        Poll::Pending
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let mut inside = self.inside.borrow_mut();
        inside.waiting.retain(|(number, _)| *number != self.number);
    }
}
