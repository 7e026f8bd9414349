//! The right version. Break the faulty one before you compare the two.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::pipe::Pipe;

/// Reads frames. A `read` may be dropped at any time, and the next one goes on.
pub(super) struct Reader {
    pipe: Pipe,
    /// The length of the frame that has begun, and what has come of it. Both outlive each read.
    length: Rc<Cell<Option<usize>>>,
    payload: Rc<RefCell<Vec<u8>>>,
}

impl Reader {
    /// The next frame.
    pub(super) fn read(&self) -> Read {
        Read {
            pipe: self.pipe.clone(),
            length: Rc::clone(&self.length),
            payload: Rc::clone(&self.payload),
        }
    }
}

pub(super) struct Read {
    pipe: Pipe,
    length: Rc<Cell<Option<usize>>>,
    payload: Rc<RefCell<Vec<u8>>>,
}

impl Future for Read {
    type Output = Vec<u8>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<u8>> {
        loop {
            let Some(length) = self.length.get() else {
                let byte = ready!(self.pipe.poll_byte(context));
                self.length.set(Some(usize::from(byte)));
                continue;
            };
            if self.payload.borrow().len() == length {
                self.length.set(None);
                return Poll::Ready(self.payload.take());
            }
            let byte = ready!(self.pipe.poll_byte(context));
            self.payload.borrow_mut().push(byte);
        }
    }
}

impl Reader {
    pub(super) fn new(pipe: Pipe) -> Reader {
        Reader {
            pipe,
            length: Rc::default(),
            payload: Rc::default(),
        }
    }
}
