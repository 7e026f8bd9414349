//! Looks through the whole queue for the waiter that is dropped.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

type Places<T, R> = RefCell<VecDeque<(R, Rc<Slot<T>>)>>;

struct Slot<T> {
    turn: Cell<Option<T>>,
    waker: Cell<Option<Waker>>,
}

pub struct WaitQueue<T, R = ()> {
    places: Rc<Places<T, R>>,
}

impl<T, R: Copy> WaitQueue<T, R> {
    pub fn new() -> WaitQueue<T, R> {
        WaitQueue {
            places: Rc::new(RefCell::new(VecDeque::new())),
        }
    }

    pub fn wait(&self, request: R) -> Wait<T, R> {
        let slot = Rc::new(Slot {
            turn: Cell::new(None),
            waker: Cell::new(None),
        });
        let place = (request, Rc::clone(&slot));
        self.places.borrow_mut().push_back(place);
        Wait {
            places: Rc::clone(&self.places),
            slot: Some(slot),
        }
    }

    pub fn len(&self) -> usize {
        self.places.borrow().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn first(&self) -> Option<R> {
        let places = self.places.borrow();
        places.front().map(|place| place.0)
    }

    pub fn hand_over(&self, turn: T) -> Result<(), T> {
        let first = self.places.borrow_mut().pop_front();
        let Some((_, slot)) = first else {
            return Err(turn);
        };
        slot.turn.set(Some(turn));
        if let Some(waker) = slot.waker.take() {
            waker.wake_by_ref();
        }
        Ok(())
    }

    pub fn hand_to_all(&self, mut turn: impl FnMut() -> T) -> usize {
        let turns: Vec<T> = (0..self.len()).map(|_| turn()).collect();
        let count = turns.len();
        let first: Vec<_> = self.places.borrow_mut().drain(..count).collect();
        let mut wakes = Wakes(Vec::new());
        for ((_, slot), turn) in first.into_iter().zip(turns) {
            slot.turn.set(Some(turn));
            wakes.0.extend(slot.waker.take());
        }
        wakes.0.reverse();
        drop(wakes);
        count
    }
}

/// Wakes them when it is dropped; a panic drops what is left, which goes on.
struct Wakes(Vec<Waker>);

impl Drop for Wakes {
    fn drop(&mut self) {
        while let Some(waker) = self.0.pop() {
            let rest = Wakes(std::mem::take(&mut self.0));
            waker.wake();
            self.0 = rest.into_inner();
        }
    }
}

impl Wakes {
    fn into_inner(mut self) -> Vec<Waker> {
        std::mem::take(&mut self.0)
    }
}

impl<T, R> Clone for WaitQueue<T, R> {
    fn clone(&self) -> WaitQueue<T, R> {
        WaitQueue {
            places: Rc::clone(&self.places),
        }
    }
}

impl<T, R: Copy> Default for WaitQueue<T, R> {
    fn default() -> WaitQueue<T, R> {
        WaitQueue::new()
    }
}

pub struct Wait<T, R = ()> {
    places: Rc<Places<T, R>>,
    slot: Option<Rc<Slot<T>>>,
}

impl<T, R> Future for Wait<T, R> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let slot = self.slot.take().expect("polled after ready");
        if let Some(turn) = slot.turn.take() {
            return Poll::Ready(turn);
        }
        drop(slot.waker.replace(Some(context.waker().clone())));
        self.slot = Some(slot);
        Poll::Pending
    }
}

impl<T, R> Drop for Wait<T, R> {
    fn drop(&mut self) {
        // ANCHOR: mistake
        let Some(slot) = &self.slot else { return };
        let mut places = self.places.borrow_mut();
        places.retain(|(_, other)| !Rc::ptr_eq(other, slot));
        // ANCHOR_END: mistake
    }
}

impl<T, R> Unpin for Wait<T, R> {}

impl<T, R: Copy> fmt::Debug for WaitQueue<T, R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "WaitQueue({})", self.len())
    }
}

impl<T, R> fmt::Debug for Wait<T, R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Wait")
    }
}
