//! A barrier for two tasks, used round after round. This version has a fault.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// As many tasks as this make a round.
const PARTIES: usize = 2;

#[derive(Default)]
pub(super) struct Barrier {
    inside: Rc<RefCell<Inside>>,
}

#[derive(Default)]
struct Inside {
    /// How many tasks have arrived in this round.
    arrived: usize,
    waiting: Vec<Waker>,
}

pub(super) struct Wait {
    inside: Rc<RefCell<Inside>>,
    has_arrived: bool,
}

impl Barrier {
    pub(super) fn wait(&self) -> Wait {
        Wait {
            inside: Rc::clone(&self.inside),
            has_arrived: false,
        }
    }
}

// ANCHOR: code
impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let shared = Rc::clone(&self.inside);
        let mut inside = shared.borrow_mut();
        if !self.has_arrived {
            inside.arrived += 1;
            if inside.arrived < PARTIES {
                self.has_arrived = true;
                inside.waiting.push(context.waker().clone());
                return Poll::Pending;
            }
            // The round is complete, and the next one begins.
            inside.arrived = 0;
            let waiting = std::mem::take(&mut inside.waiting);
            drop(inside);
            waiting.into_iter().for_each(Waker::wake);
            return Poll::Ready(());
        }
        if inside.arrived == 0 {
            self.has_arrived = false; // Its round is complete.
            return Poll::Ready(());
        }
        inside.waiting.push(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Wait {
    /// A task that is dropped while it waits has not arrived.
    fn drop(&mut self) {
        let mut inside = self.inside.borrow_mut();
        if self.has_arrived && inside.arrived > 0 {
            inside.arrived -= 1;
        }
    }
}
// ANCHOR_END: code
