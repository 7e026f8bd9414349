//! A latch: tasks wait until it is open, for one thread. This version has a fault.

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
    /// The waker of each task that waits.
    waiting: Vec<Waker>,
}

pub(super) struct Wait {
    inside: Rc<RefCell<Inside>>,
    /// Where the list has this wait's waker, once it was polled.
    place: Option<usize>,
}

impl Latch {
    pub(super) fn wait(&self) -> Wait {
        let inside = Rc::clone(&self.inside);
        Wait {
            inside,
            place: None,
        }
    }

    // ANCHOR: code
    /// Opens the latch and wakes every task that waits.
    pub(super) fn open(&self) {
        let mut inside = self.inside.borrow_mut();
        inside.open = true;
        let waiting = std::mem::take(&mut inside.waiting);
        drop(inside);
        for waker in waiting {
            waker.wake();
        }
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let inside = Rc::clone(&self.inside);
        let mut inside = inside.borrow_mut();
        if inside.open {
            return Poll::Ready(());
        }
        match self.place {
            None => {
                self.place = Some(inside.waiting.len());
                inside.waiting.push(context.waker().clone());
            }
            // The task may have moved: from now on its latest waker counts.
            Some(place) => {
                if let Some(kept) = inside.waiting.get_mut(place) {
                    kept.clone_from(context.waker());
                }
            }
        }
        Poll::Pending
    }
}

impl Drop for Wait {
    /// Leaves the list in constant time.
    fn drop(&mut self) {
        let mut inside = self.inside.borrow_mut();
        if let Some(place) = self.place.filter(|&place| place < inside.waiting.len()) {
            inside.waiting.swap_remove(place);
        }
    }
}
// ANCHOR_END: code
