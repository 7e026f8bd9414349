//! Each wait shares a cell with its place in a map of tickets, which is sorted.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

type Places<T, R> = RefCell<BTreeMap<u64, (R, Rc<Slot<T>>)>>;

struct Slot<T> {
    turn: Cell<Option<T>>,
    waker: Cell<Option<Waker>>,
}

pub struct WaitQueue<T, R = ()> {
    places: Rc<Places<T, R>>,
    ticket: Rc<Cell<u64>>,
}

impl<T, R: Copy> WaitQueue<T, R> {
    pub fn new() -> WaitQueue<T, R> {
        WaitQueue {
            places: Rc::new(RefCell::new(BTreeMap::new())),
            ticket: Rc::default(),
        }
    }

    pub fn wait(&self, request: R) -> Wait<T, R> {
        let ticket = self.ticket.get();
        self.ticket.set(ticket + 1);
        let slot = Rc::new(Slot {
            turn: Cell::new(None),
            waker: Cell::new(None),
        });
        let place = (request, Rc::clone(&slot));
        self.places.borrow_mut().insert(ticket, place);
        Wait {
            places: Rc::clone(&self.places),
            ticket,
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
        places.first_key_value().map(|(_, place)| place.0)
    }

    pub fn hand_over(&self, turn: T) -> Result<(), T> {
        let first = self.places.borrow_mut().pop_first();
        let Some((_, (_, slot))) = first else {
            return Err(turn);
        };
        slot.turn.set(Some(turn));
        if let Some(waker) = slot.waker.take() {
            waker.wake_by_ref();
        }
        Ok(())
    }

    pub fn hand_to_all(&self, mut turn: impl FnMut() -> T) -> usize {
        let end = self.ticket.get();
        let turns: Vec<T> = (0..self.len()).map(|_| turn()).collect();
        let count = turns.len();
        let mut first = self.places.take();
        self.places.replace(first.split_off(&end));
        let mut wakes = Wakes(Vec::new());
        for ((_, slot), turn) in first.into_values().zip(turns) {
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
            ticket: Rc::clone(&self.ticket),
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
    ticket: u64,
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
        let place = self.places.borrow_mut().remove(&self.ticket);
        drop(place);
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
