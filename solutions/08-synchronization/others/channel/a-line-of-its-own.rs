//! Counts the slots in use, and keeps a line of its own, ordered by numbers.
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

struct Core<T> {
    used: Cell<usize>,
    capacity: usize,
    items: RefCell<VecDeque<T>>,
    line: RefCell<BTreeMap<u64, Option<Waker>>>,
    granted: RefCell<BTreeMap<u64, ()>>,
    next: Cell<u64>,
    tx: Cell<usize>,
    closed: Cell<bool>,
    gone: Cell<bool>,
    reader: Cell<Option<Waker>>,
}

impl<T> Core<T> {
    fn done(&self) -> bool {
        self.items.borrow().is_empty()
            && (self.tx.get() == 0 || (self.closed.get() && self.used.get() == 0))
    }
    fn poke(&self) {
        if let Some(waker) = self.reader.take() {
            waker.wake()
        }
    }
    fn slot_back(&self) {
        let first = self.line.borrow_mut().pop_first();
        match first {
            Some((key, waker)) => {
                self.granted.borrow_mut().insert(key, ());
                if let Some(waker) = waker {
                    waker.wake()
                }
            }
            None => {
                self.used.set(self.used.get() - 1);
                if self.done() {
                    self.poke()
                }
            }
        }
    }
    fn shut(&self) {
        self.closed.set(true);
        let all = self.line.take();
        for (_, waker) in all {
            if let Some(waker) = waker {
                waker.wake()
            }
        }
    }
    fn put(&self, value: T) -> Result<(), T> {
        if self.gone.get() {
            return Err(value);
        }
        self.items.borrow_mut().push_back(value);
        self.poke();
        Ok(())
    }
    fn try_take(&self) -> Option<Option<T>> {
        let item = self.items.borrow_mut().pop_front();
        if let Some(item) = item {
            self.slot_back();
            return Some(Some(item));
        }
        self.done().then_some(None)
    }
}

pub fn channel<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    assert!(capacity > 0, "a channel needs at least one slot");
    let core = Rc::new(Core {
        used: Cell::new(0),
        capacity,
        items: RefCell::default(),
        line: RefCell::default(),
        granted: RefCell::default(),
        next: Cell::new(0),
        tx: Cell::new(1),
        closed: Cell::new(false),
        gone: Cell::new(false),
        reader: Cell::new(None),
    });
    (
        Sender {
            core: Rc::clone(&core),
        },
        Receiver { core },
    )
}
pub struct Sender<T> {
    core: Rc<Core<T>>,
}
pub struct Receiver<T> {
    core: Rc<Core<T>>,
}
pub struct Permit<'a, T> {
    core: Rc<Core<T>>,
    live: bool,
    sender: PhantomData<&'a Sender<T>>,
}
struct Ticket<T> {
    core: Rc<Core<T>>,
    key: u64,
}
impl<T> Drop for Ticket<T> {
    fn drop(&mut self) {
        let waker = self.core.line.borrow_mut().remove(&self.key);
        drop(waker);
        let had = self.core.granted.borrow_mut().remove(&self.key);
        if had.is_some() {
            self.core.slot_back()
        }
    }
}
impl<T> Sender<T> {
    pub async fn send(&self, value: T) -> Result<(), SendError<T>> {
        match self.reserve().await {
            Ok(permit) => permit.send(value),
            Err(Closed) => Err(SendError(value)),
        }
    }
    pub async fn reserve(&self) -> Result<Permit<'_, T>, Closed> {
        let core = &self.core;
        if core.closed.get() {
            return Err(Closed);
        }
        if core.used.get() < core.capacity {
            core.used.set(core.used.get() + 1);
        } else {
            let key = core.next.get();
            core.next.set(key + 1);
            core.line.borrow_mut().insert(key, None);
            let ticket = Ticket {
                core: Rc::clone(core),
                key,
            };
            poll_fn(|cx| {
                if core.granted.borrow_mut().remove(&ticket.key).is_some() {
                    return Poll::Ready(Ok(()));
                }
                let new = cx.waker().clone();
                let mut line = core.line.borrow_mut();
                let Some(entry) = line.get_mut(&ticket.key) else {
                    return Poll::Ready(Err(Closed));
                };
                let old = entry.replace(new);
                drop(line);
                drop(old);
                Poll::Pending
            })
            .await?;
        }
        Ok(Permit {
            core: Rc::clone(core),
            live: true,
            sender: PhantomData,
        })
    }
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        if self.core.closed.get() {
            return Err(TrySendError::Closed(value));
        }
        if self.core.used.get() == self.core.capacity {
            return Err(TrySendError::Full(value));
        }
        self.core.used.set(self.core.used.get() + 1);
        self.core.put(value).map_err(TrySendError::Closed)
    }
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.core.closed.get()
    }
}
impl<T> Permit<'_, T> {
    pub fn send(mut self, value: T) -> Result<(), SendError<T>> {
        self.live = self.core.gone.get();
        self.core.put(value).map_err(SendError)
    }
}
impl<T> Drop for Permit<'_, T> {
    fn drop(&mut self) {
        if self.live {
            self.core.slot_back()
        }
    }
}
impl<T> Receiver<T> {
    pub fn recv(&mut self) -> Recv<'_, T> {
        Recv { receiver: self }
    }
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        match self.core.try_take() {
            Some(Some(value)) => Ok(value),
            Some(None) => Err(TryRecvError::Closed),
            None => Err(TryRecvError::Empty),
        }
    }
    pub fn close(&mut self) {
        self.core.shut()
    }
}
#[must_use = "a future does nothing until it is polled"]
pub struct Recv<'a, T> {
    receiver: &'a mut Receiver<T>,
}
impl<T> Future for Recv<'_, T> {
    type Output = Option<T>;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        match self.receiver.core.try_take() {
            Some(taken) => Poll::Ready(taken),
            None => {
                drop(
                    self.receiver
                        .core
                        .reader
                        .replace(Some(context.waker().clone())),
                );
                Poll::Pending
            }
        }
    }
}
impl<T> Drop for Recv<'_, T> {
    fn drop(&mut self) {
        drop(self.receiver.core.reader.take())
    }
}
impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.core.tx.set(self.core.tx.get() - 1);
        if self.core.tx.get() == 0 {
            self.core.poke()
        }
    }
}
impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.core.gone.set(true);
        self.core.shut();
        let items = self.core.items.take();
        drop(items);
    }
}
impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        self.core.tx.set(self.core.tx.get() + 1);
        Sender {
            core: Rc::clone(&self.core),
        }
    }
}

/// The channel is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

/// The channel is closed. The value was not sent, and is in here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SendError<T>(pub T);

/// Why [`Sender::try_send`] did not send. The value is in here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TrySendError<T> {
    /// No slot is free.
    Full(T),
    /// The channel is closed.
    Closed(T),
}

/// Why [`Receiver::try_recv`] returned no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryRecvError {
    /// None is there yet.
    Empty,
    /// None is there, and none can come.
    Closed,
}

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SendError(..)")
    }
}

impl<T> fmt::Debug for TrySendError<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            TrySendError::Full(_) => "Full(..)",
            TrySendError::Closed(_) => "Closed(..)",
        })
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the channel is closed")
    }
}

impl std::error::Error for Closed {}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        Closed.fmt(out)
    }
}

impl<T> std::error::Error for SendError<T> {}

impl<T> fmt::Display for TrySendError<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrySendError::Full(_) => out.write_str("no slot is free"),
            TrySendError::Closed(_) => Closed.fmt(out),
        }
    }
}

impl<T> std::error::Error for TrySendError<T> {}

impl fmt::Display for TryRecvError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TryRecvError::Empty => out.write_str("the channel is empty"),
            TryRecvError::Closed => Closed.fmt(out),
        }
    }
}

impl std::error::Error for TryRecvError {}

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

impl<T> fmt::Debug for Permit<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Permit")
    }
}

impl<T> fmt::Debug for Recv<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Recv")
    }
}
