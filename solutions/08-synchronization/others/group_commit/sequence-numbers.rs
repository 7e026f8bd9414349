//! Numbers the records, and wakes every writer after every write.
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Where records become durable. It is caller-supplied code.
pub trait Disk<R> {
    /// Writes these records in this order, which takes time. They are durable when it returns `Ok`.
    /// Only one write may be in progress.
    fn write(&self, records: Vec<R>) -> impl Future<Output = io::Result<()>>;
}

pub struct Journal<R> {
    shared: Rc<Shared<R>>,
}
struct Shared<R> {
    batch: RefCell<Vec<R>>,
    numbers: Rc<Numbers>,
    closed: Cell<bool>,
    task: RefCell<Option<Waker>>,
}
#[derive(Default)]
struct Numbers {
    appended: Cell<u64>,
    /// Ends of ranges of numbers, and their outcome.
    known: RefCell<BTreeMap<u64, Result<(), NotDurable>>>,
    wakers: RefCell<BTreeMap<u64, Waker>>,
}
impl Numbers {
    fn settle(&self, up_to: u64, outcome: Result<(), NotDurable>) {
        let last = self
            .known
            .borrow()
            .last_key_value()
            .map_or(0, |(end, _)| *end);
        if up_to > last {
            self.known.borrow_mut().insert(up_to, outcome);
        }
        let wakers: Vec<Waker> = self.wakers.borrow().values().cloned().collect();
        for waker in wakers {
            waker.wake()
        }
    }
}
impl<R> Shared<R> {
    fn poke(&self) {
        let waker = self.task.take();
        if let Some(waker) = waker {
            waker.wake()
        }
    }
}
impl<R> Journal<R> {
    #[must_use]
    pub fn new() -> Journal<R> {
        Journal {
            shared: Rc::new(Shared {
                batch: RefCell::default(),
                numbers: Rc::default(),
                closed: Cell::new(false),
                task: RefCell::default(),
            }),
        }
    }
    pub fn append(&self, record: R) -> Durable {
        let numbers = Rc::clone(&self.shared.numbers);
        if self.shared.closed.get() {
            return Durable { number: 0, numbers };
        }
        let number = numbers.appended.get() + 1;
        numbers.appended.set(number);
        self.shared.batch.borrow_mut().push(record);
        self.shared.poke();
        Durable { number, numbers }
    }
    pub fn close(&self) {
        self.shared.closed.set(true);
        self.shared.poke();
    }
}
struct Last<R>(Rc<Shared<R>>);
impl<R> Drop for Last<R> {
    fn drop(&mut self) {
        self.0.closed.set(true);
        let left = self.0.batch.take();
        self.0
            .numbers
            .settle(self.0.numbers.appended.get(), Err(NotDurable::Stopped));
        drop(left);
    }
}
pub fn write_out<R, D: Disk<R>>(
    journal: &Journal<R>,
    disk: D,
) -> impl Future<Output = ()> + use<R, D> {
    let last = Last(Rc::clone(&journal.shared));
    async move {
        loop {
            let ended = poll_fn(|context| {
                if !last.0.batch.borrow().is_empty() {
                    return Poll::Ready(false);
                }
                if last.0.closed.get() {
                    return Poll::Ready(true);
                }
                let old = last.0.task.replace(Some(context.waker().clone()));
                drop(old);
                Poll::Pending
            })
            .await;
            if ended {
                return;
            }
            let (records, up_to) = (last.0.batch.take(), last.0.numbers.appended.get());
            let outcome = disk
                .write(records)
                .await
                .map_err(|error| NotDurable::Failed(error.kind()));
            last.0.numbers.settle(up_to, outcome);
        }
    }
}
#[must_use = "the record is appended, but its outcome is lost"]
pub struct Durable {
    number: u64,
    numbers: Rc<Numbers>,
}
impl Future for Durable {
    type Output = Result<(), NotDurable>;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.number == 0 {
            return Poll::Ready(Err(NotDurable::Closed));
        }
        let known = self
            .numbers
            .known
            .borrow()
            .range(self.number..)
            .next()
            .map(|(_, outcome)| *outcome);
        match known {
            Some(outcome) => {
                let old = self.numbers.wakers.borrow_mut().remove(&self.number);
                drop(old);
                Poll::Ready(outcome)
            }
            None => {
                let old = self
                    .numbers
                    .wakers
                    .borrow_mut()
                    .insert(self.number, context.waker().clone());
                drop(old);
                Poll::Pending
            }
        }
    }
}
impl Drop for Durable {
    fn drop(&mut self) {
        let old = self.numbers.wakers.borrow_mut().remove(&self.number);
        drop(old);
    }
}

/// Why a record is not known to be durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotDurable {
    /// The write that had it failed with an error of this kind.
    Failed(io::ErrorKind),
    /// The journal was closed before it was appended.
    Closed,
    /// The writing task stopped before the outcome was known.
    Stopped,
}

impl fmt::Display for NotDurable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotDurable::Failed(kind) => write!(out, "the write failed: {kind}"),
            NotDurable::Closed => out.write_str("the journal is closed"),
            NotDurable::Stopped => out.write_str("the writing task has stopped"),
        }
    }
}

impl std::error::Error for NotDurable {}

impl<R> Clone for Journal<R> {
    fn clone(&self) -> Journal<R> {
        Journal {
            shared: Rc::clone(&self.shared),
        }
    }
}

impl<R> Default for Journal<R> {
    fn default() -> Journal<R> {
        Journal::new()
    }
}

impl<R> fmt::Debug for Journal<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Journal")
    }
}

impl fmt::Debug for Durable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Durable")
    }
}
