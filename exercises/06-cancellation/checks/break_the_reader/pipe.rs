//! Bytes on their way.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Both ends of a pipe.
#[derive(Clone, Default)]
pub(super) struct Pipe {
    inside: Rc<RefCell<Inside>>,
}

#[derive(Default)]
struct Inside {
    bytes: VecDeque<u8>,
    waker: Option<Waker>,
}

impl Pipe {
    pub(super) fn send(&self, byte: u8) {
        let waker = {
            let mut inside = self.inside.borrow_mut();
            inside.bytes.push_back(byte);
            inside.waker.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    /// The next byte; keeps the waker if there is none.
    pub(super) fn poll_byte(&self, context: &Context<'_>) -> Poll<u8> {
        let mut inside = self.inside.borrow_mut();
        match inside.bytes.pop_front() {
            Some(byte) => Poll::Ready(byte),
            None => {
                inside.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}
