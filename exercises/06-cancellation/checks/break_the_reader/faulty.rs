//! Frames from a stream of bytes: the first byte of a frame is the length of the rest. This version has a fault.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::pipe::Pipe;

// ANCHOR: code
/// Reads frames. A `read` may be dropped at any time, and the next one goes on.
pub(super) struct Reader {
    pipe: Pipe,
    /// The length of the frame that has begun. It outlives each read.
    length: Rc<Cell<Option<usize>>>,
}

impl Reader {
    /// The next frame.
    pub(super) fn read(&self) -> Read {
        Read {
            pipe: self.pipe.clone(),
            length: Rc::clone(&self.length),
            payload: Vec::new(),
        }
    }
}

pub(super) struct Read {
    pipe: Pipe,
    length: Rc<Cell<Option<usize>>>,
    payload: Vec<u8>,
}

impl Future for Read {
    type Output = Vec<u8>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<u8>> {
        loop {
            let Some(length) = self.length.get() else {
                let byte = ready!(self.pipe.poll_byte(context));
                self.length.set(Some(usize::from(byte)));
                continue;
            };
            if self.payload.len() == length {
                self.length.set(None);
                return Poll::Ready(std::mem::take(&mut self.payload));
            }
            let byte = ready!(self.pipe.poll_byte(context));
            self.payload.push(byte);
        }
    }
}
// ANCHOR_END: code

impl Reader {
    pub(super) fn new(pipe: Pipe) -> Reader {
        Reader {
            pipe,
            length: Rc::default(),
        }
    }
}
