//! Each function has a task of its own, which is spawned when there is a place. The end of a task looks for the next one.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};

use event_loop::Spawn;
use green::hub::Green;
use wakers::oneshot;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    Panicked,
    Dropped,
    NoStack,
}

type Task = Pin<Box<dyn Future<Output = ()>>>;

#[derive(Clone)]
pub struct Pool(Rc<Inner>);

struct Inner {
    spawn: Box<dyn Spawn>,
    limit: usize,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    line: VecDeque<Box<dyn FnOnce(Seat) -> Task>>,
    running: usize,
    panicked: u64,
}

/// Gives its place back, to the next one in line if the task has come to its end.
struct Seat {
    pool: Weak<Inner>,
    served: bool,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(pool) = self.pool.upgrade() else {
            return;
        };
        let mut state = pool.state.borrow_mut();
        state.running -= 1;
        if self.served {
            drop(state);
            pool.fill();
        } else if state.running == 0 {
            let line = std::mem::take(&mut state.line);
            drop(state);
            drop(line);
        }
    }
}

impl Inner {
    fn fill(self: &Rc<Inner>) {
        loop {
            let mut state = self.state.borrow_mut();
            if state.running >= self.limit {
                return;
            }
            let Some(next) = state.line.pop_front() else {
                return;
            };
            state.running += 1;
            drop(state);
            let pool = Rc::downgrade(self);
            self.spawn.spawn_boxed(next(Seat {
                pool,
                served: false,
            }));
        }
    }
}

#[derive(Debug)]
pub struct Job<T> {
    receiver: oneshot::Receiver<Result<T, Lost>>,
}

/// A poll whose panic is a value.
struct Caught<T: 'static>(Pin<Box<Green<T>>>);

impl<T> Future for Caught<T> {
    type Output = Result<T, Lost>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T, Lost>> {
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(_) => Poll::Ready(Err(Lost::Panicked)),
        }
    }
}

impl Pool {
    pub fn new(spawn: impl Spawn + 'static, limit: usize) -> Pool {
        assert!(limit > 0);
        Pool(Rc::new(Inner {
            spawn: Box::new(spawn),
            limit,
            state: RefCell::default(),
        }))
    }

    pub fn spawn<T: 'static>(&self, function: impl FnOnce() -> T + 'static) -> Job<T> {
        let (sender, receiver) = oneshot::channel();
        let task = move |mut seat: Seat| -> Task {
            Box::pin(async move {
                let outcome = match Green::new(function) {
                    Ok(thread) => Caught(Box::pin(thread)).await,
                    Err(_) => Err(Lost::NoStack),
                };
                if let (Err(Lost::Panicked), Some(pool)) = (&outcome, seat.pool.upgrade()) {
                    pool.state.borrow_mut().panicked += 1;
                }
                let _ = sender.send(outcome);
                seat.served = true;
            })
        };
        self.0.state.borrow_mut().line.push_back(Box::new(task));
        self.0.fill();
        Job { receiver }
    }

    pub fn running(&self) -> usize {
        self.0.state.borrow().running
    }

    pub fn waiting(&self) -> usize {
        self.0.state.borrow().line.len()
    }

    pub fn panicked(&self) -> u64 {
        self.0.state.borrow().panicked
    }
}

impl<T> Future for Job<T> {
    type Output = Result<T, Lost>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T, Lost>> {
        match Pin::new(&mut self.receiver).poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(outcome)) => Poll::Ready(outcome),
            Poll::Ready(Err(_)) => Poll::Ready(Err(Lost::Dropped)),
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Pool")
    }
}
