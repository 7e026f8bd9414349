//! The right version. Break the faulty one before you compare the two.

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
    round: u64,
    /// How many tasks have arrived in this round.
    arrived: usize,
    waiting: Vec<Waker>,
}

pub(super) struct Wait {
    inside: Rc<RefCell<Inside>>,
    /// The round in which it has arrived and waits.
    round: Option<u64>,
}

impl Barrier {
    pub(super) fn wait(&self) -> Wait {
        Wait {
            inside: Rc::clone(&self.inside),
            round: None,
        }
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let shared = Rc::clone(&self.inside);
        let mut inside = shared.borrow_mut();
        let Some(round) = self.round else {
            inside.arrived += 1;
            if inside.arrived < PARTIES {
                self.round = Some(inside.round);
                inside.waiting.push(context.waker().clone());
                return Poll::Pending;
            }
            // The round is complete, and the next one begins.
            inside.round += 1;
            inside.arrived = 0;
            let waiting = std::mem::take(&mut inside.waiting);
            drop(inside);
            waiting.into_iter().for_each(Waker::wake);
            return Poll::Ready(());
        };
        if inside.round != round {
            self.round = None;
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
        if self.round == Some(inside.round) {
            inside.arrived -= 1;
        }
    }
}
