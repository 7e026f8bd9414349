//! No states: four fields under one lock. What is taken out of them is dropped after the lock is released.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};

struct Shared<T> {
    value: Option<T>,
    waker: Option<Waker>,
    has_sender: bool,
    has_receiver: bool,
}

type Link<T> = Arc<Mutex<Shared<T>>>;

fn locked<T>(link: &Link<T>) -> MutexGuard<'_, Shared<T>> {
    link.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let link = Arc::new(Mutex::new(Shared {
        value: None,
        waker: None,
        has_sender: true,
        has_receiver: true,
    }));
    let sender = Sender {
        link: Arc::clone(&link),
    };
    (
        sender,
        Receiver {
            link,
            is_done: false,
        },
    )
}

pub struct Sender<T> {
    link: Link<T>,
}

#[must_use = "a receiver does nothing until it is polled"]
pub struct Receiver<T> {
    link: Link<T>,
    is_done: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

impl<T> Sender<T> {
    pub fn send(self, value: T) -> Result<(), T> {
        let mut shared = locked(&self.link);
        if !shared.has_receiver {
            return Err(value);
        }
        shared.value = Some(value);
        // The destructor wakes.
        Ok(())
    }

    pub fn is_closed(&self) -> bool {
        !locked(&self.link).has_receiver
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let waker = {
            let mut shared = locked(&self.link);
            shared.has_sender = false;
            shared.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, Closed>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T, Closed>> {
        assert!(!self.is_done, "polled after it was ready");
        let mine = context.waker().clone();
        let (polled, _older, _unused) = {
            let mut shared = locked(&self.link);
            match shared.value.take() {
                Some(value) => (Poll::Ready(Ok(value)), shared.waker.take(), Some(mine)),
                None if shared.has_sender => (Poll::Pending, shared.waker.replace(mine), None),
                None => (Poll::Ready(Err(Closed)), shared.waker.take(), Some(mine)),
            }
        };
        if polled.is_ready() {
            self.is_done = true;
            locked(&self.link).has_receiver = false;
        }
        polled
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let _left = {
            let mut shared = locked(&self.link);
            shared.has_receiver = false;
            (shared.value.take(), shared.waker.take())
        };
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Sender")
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Receiver")
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("no value will come")
    }
}

impl std::error::Error for Closed {}
