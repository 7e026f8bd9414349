//! The function is a green thread, which waits for a future of the next byte. `push` polls it with a waker that does nothing.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, Read};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use green::{Green, wait};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<T> {
    NeedsMore,
    Done { value: T, unread: usize },
}

pub struct PushParser<T> {
    thread: Pin<Box<Green<T>>>,
    state: Rc<RefCell<(Vec<u8>, bool)>>,
}

pub struct Input(Rc<RefCell<(Vec<u8>, bool)>>);

impl<T: 'static> PushParser<T> {
    pub fn new(function: impl FnOnce(Input) -> T + 'static) -> io::Result<PushParser<T>> {
        let state = Rc::new(RefCell::new((Vec::new(), false)));
        let input = Input(state.clone());
        let thread = Box::pin(Green::new(move || function(input))?);
        Ok(PushParser { thread, state })
    }

    fn poll(&mut self) -> Poll<T> {
        self.thread
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
    }

    pub fn push(&mut self, bytes: &[u8]) -> Progress<T> {
        self.state.borrow_mut().0.extend_from_slice(bytes);
        match self.poll() {
            Poll::Pending => Progress::NeedsMore,
            Poll::Ready(value) => Progress::Done {
                value,
                unread: self.state.borrow().0.len(),
            },
        }
    }

    pub fn finish(mut self) -> T {
        self.state.borrow_mut().1 = true;
        match self.poll() {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("the function waits for something else"),
        }
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        wait(poll_fn(|_| match &mut *self.0.borrow_mut() {
            (bytes, false) if bytes.is_empty() => Poll::Pending,
            (bytes, _) => {
                let read = bytes.len().min(buffer.len());
                buffer[..read].copy_from_slice(&bytes[..read]);
                bytes.drain(..read);
                Poll::Ready(Ok(read))
            }
        }))
    }
}
