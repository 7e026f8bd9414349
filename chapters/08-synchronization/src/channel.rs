//! A queue between tasks that makes senders wait when it is full. Safe code is enough: `unsafe` does not
//! compile here.

// YOURS
use std::cell::RefCell;
use std::collections::VecDeque;
// YOURS_END
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
// YOURS
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use synchronization::WaitQueue;
// STUB: use std::task::{Context, Poll};
// YOURS_END

/// A channel for values from any number of senders to one receiver, all on one thread.
///
/// It has `capacity` **slots**. A value that was sent takes one until it is received, and so does a
/// [`Permit`] until it is used or dropped. A sender that finds no free slot waits in line. A slot that
/// becomes free is handed to the sender that has waited longest, and nothing overtakes it.
/// That is **back-pressure**: tasks that produce too fast wait for the task that consumes. `usize::MAX`
/// makes a channel in which no sender waits. Memory is in use for the values that are in it, and
/// for the senders in line.
///
/// The channel wakes the task that polled a waiting future last, as soon as that future would be
/// ready, and no other task. It calls and drops wakers, and drops values, while it holds no borrow: a
/// woken task may use the channel inside `wake`, and so may a value's destructor.
///
/// ```
/// use event_loop::EventLoop;
/// use synchronization::channel::channel;
///
/// let event_loop = EventLoop::new();
/// let (sender, mut receiver) = channel(1);
/// let task = event_loop.handle().spawn(async move {
///     for number in 1..=3 {
///         sender.send(number).await.expect("the receiver is there");
///     }
/// });
/// event_loop.block_on(async {
///     assert_eq!(receiver.recv().await, Some(1));
///     assert_eq!(receiver.recv().await, Some(2));
///     assert_eq!(receiver.recv().await, Some(3));
///     assert_eq!(receiver.recv().await, None); // The task has dropped the last sender.
/// });
/// # drop(task);
/// ```
///
/// # Panics
///
/// If the capacity is 0.
pub fn channel<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    assert!(capacity > 0, "a channel needs at least one slot");
    // YOURS
    let state = State {
        values: VecDeque::new(),
        free: capacity,
        promised: 0,
        senders: 1,
        receiver: End::Open,
        waker: None,
    };
    let shared = Rc::new(Shared {
        state: RefCell::new(state),
        line: WaitQueue::new(),
    });
    let sender = Sender {
        shared: Rc::clone(&shared),
    };
    (sender, Receiver { shared })
    // STUB: todo!("two halves that share something")
    // YOURS_END
}

/// Sends values. A clone is another sender of the same channel.
///
/// When the last sender is dropped, the receiver gets the values that are in the channel, and then
/// `None`.
pub struct Sender<T> {
    // YOURS
    shared: Rc<Shared<T>>,
    // STUB: todo: PhantomData<T>, // Yours to replace.
    // YOURS_END
}

/// Receives the values in the order in which they were sent. Dropping it [closes](Receiver::close) the
/// channel, and drops the values that are in it.
pub struct Receiver<T> {
    // YOURS
    shared: Rc<Shared<T>>,
    // STUB: todo: PhantomData<T>, // Yours to replace.
    // YOURS_END
}

/// A slot that one value is going to take. Dropped unused, it becomes free again.
#[must_use = "dropping a permit frees its slot"]
pub struct Permit<'a, T> {
    // YOURS
    slot: Slot<T>,
    // YOURS_END
    sender: PhantomData<&'a Sender<T>>,
}
// YOURS

// ANCHOR: state
struct Shared<T> {
    state: RefCell<State<T>>,
    /// Senders that wait for a slot. As long as there are any, no slot is free.
    line: WaitQueue<Result<Slot<T>, Closed>>,
}

struct State<T> {
    values: VecDeque<T>,
    /// Slots without a value and without a [`Slot`].
    free: usize,
    /// The number of [`Slot`]s: in permits, and handed to senders that were not polled since.
    promised: usize,
    senders: usize,
    receiver: End,
    waker: Option<Waker>,
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Open,
    Closed,
    Dropped,
}

/// A slot on its way to a value. Dropped without one, it goes to the next sender in line.
struct Slot<T> {
    /// Taken when the slot is used.
    shared: Option<Rc<Shared<T>>>,
}
// ANCHOR_END: state

impl<T> Shared<T> {
    /// A slot, if one is free: then no sender waits in line.
    fn free_slot(self: &Rc<Self>) -> Option<Slot<T>> {
        let mut state = self.state.borrow_mut();
        state.free = state.free.checked_sub(1)?;
        state.promised += 1;
        Some(Slot {
            shared: Some(Rc::clone(self)),
        })
    }

    fn is_closed(&self) -> bool {
        self.state.borrow().receiver != End::Open
    }

    // ANCHOR: slot
    /// A slot that has no value any more goes to the next in line, or becomes free.
    fn pass_on(self: &Rc<Self>) {
        if !self.line.is_empty() {
            let shared = Some(Rc::clone(self));
            let handed = self.line.hand_over(Ok(Slot { shared }));
            debug_assert!(handed.is_ok(), "a sender waits in line");
            return;
        }
        let mut state = self.state.borrow_mut();
        state.free += 1;
        state.promised -= 1;
        let waker = match state.is_finished() {
            true => state.waker.take(),
            false => None,
        };
        drop(state);
        wake(waker);
    }
}
// ANCHOR_END: slot

// ANCHOR: fill
impl<T> Slot<T> {
    /// Puts a value into the slot.
    fn fill(mut self, value: T) -> Result<(), T> {
        let shared = self.shared.take().expect("a slot is filled once");
        let mut state = shared.state.borrow_mut();
        state.promised -= 1;
        if state.receiver == End::Dropped {
            return Err(value);
        }
        state.values.push_back(value);
        let waker = state.waker.take();
        drop(state);
        wake(waker);
        Ok(())
    }
}

impl<T> Drop for Slot<T> {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.take() {
            shared.pass_on();
        }
    }
}
// ANCHOR_END: fill

impl<T> State<T> {
    /// Whether no value is there, and none can come.
    fn is_finished(&self) -> bool {
        let promised = self.promised > 0 || self.receiver == End::Open;
        self.values.is_empty() && (self.senders == 0 || !promised)
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}
// YOURS_END

impl<T> Sender<T> {
    /// Sends the value, and waits in line for a slot if none is free. The place in line is taken at
    /// the first poll.
    ///
    /// # Errors
    ///
    /// Returns the value if the channel is closed, or is closed while this waits in line. A sender
    /// that was handed its slot before [`close`](Receiver::close) still sends. Once the receiver is
    /// dropped, no sender does.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it has not sent the value, and drops it. It gives up its place in
    /// line, and a slot that it was handed goes to the next. To keep the value, [`reserve`](Sender::reserve)
    /// first.
    // ANCHOR: send
    pub async fn send(&self, value: T) -> Result<(), SendError<T>> {
        // YOURS
        match self.reserve().await {
            Ok(permit) => permit.send(value),
            Err(Closed) => Err(SendError(value)),
        }
        // STUB: todo!("a slot first, and then the value")
        // YOURS_END
    }

    /// Waits in line for a slot, as [`send`](Sender::send) does, and reserves it.
    ///
    /// # Errors
    ///
    /// As for [`send`](Sender::send): if the channel is closed, or is closed while this waits in line. A task that was handed
    /// its slot before gets its permit, also if the receiver was dropped since.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it gives up its place in line; a slot that it was handed goes to
    /// the next.
    pub async fn reserve(&self) -> Result<Permit<'_, T>, Closed> {
        // YOURS
        if self.shared.is_closed() {
            return Err(Closed);
        }
        let slot = match self.shared.free_slot() {
            Some(slot) => slot,
            None => self.shared.line.wait(()).await?,
        };
        Ok(Permit {
            slot,
            sender: PhantomData,
        })
        // STUB: todo!("is a slot free? if not, wait in line")
        // YOURS_END
    }
    // ANCHOR_END: send

    /// Sends the value if a slot is free. It never takes a slot from a sender that waits in line.
    ///
    /// # Errors
    ///
    /// Returns the value if no slot is free, or the channel is closed; if both are true, `Closed`.
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        // YOURS
        if self.shared.is_closed() {
            return Err(TrySendError::Closed(value));
        }
        match self.shared.free_slot() {
            Some(slot) => slot.fill(value).map_err(TrySendError::Closed),
            None => Err(TrySendError::Full(value)),
        }
        // STUB: todo!("is a slot free?")
        // YOURS_END
    }

    /// Whether the receiver was dropped, or has closed the channel.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        // YOURS
        self.shared.is_closed()
        // STUB: todo!("does it accept values?")
        // YOURS_END
    }
}

impl<T> Permit<'_, T> {
    /// Sends the value, at once.
    ///
    /// # Errors
    ///
    /// Returns the value if the receiver was dropped. If the channel is only
    /// [closed](Receiver::close), the value is sent.
    pub fn send(self, value: T) -> Result<(), SendError<T>> {
        // YOURS
        self.slot.fill(value).map_err(SendError)
        // STUB: todo!("the slot is this permit's")
        // YOURS_END
    }
}

impl<T> Receiver<T> {
    /// The next value; `None` once the channel is empty and no value can come: when all senders are
    /// dropped, or the channel is closed and all its permits are used or dropped. After `None` it
    /// stays `None`.
    pub fn recv(&mut self) -> Recv<'_, T> {
        // YOURS
        Recv { receiver: self }
        // STUB: todo!("the future that waits")
        // YOURS_END
    }

    /// The next value, if there is one.
    ///
    /// # Errors
    ///
    /// `Empty` if there is none yet, and `Closed` where [`recv`](Receiver::recv) returns `None`.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        // YOURS
        match self.take() {
            Some(Some(value)) => Ok(value),
            Some(None) => Err(TryRecvError::Closed),
            None => Err(TryRecvError::Empty),
        }
        // STUB: todo!("is a value there?")
        // YOURS_END
    }

    /// Accepts no more values: senders in line get theirs back. Values that were sent before can still
    /// be received, and permits that were handed out before can still send.
    pub fn close(&mut self) {
        // YOURS
        self.shared.state.borrow_mut().receiver = End::Closed;
        self.shared.line.hand_to_all(|| Err(Closed));
        // STUB: todo!("which futures have to learn of it?")
        // YOURS_END
    }
    // YOURS

    // ANCHOR: take
    /// The next value, `Some(None)` at the end, and `None` while there is neither.
    fn take(&mut self) -> Option<Option<T>> {
        let mut state = self.shared.state.borrow_mut();
        if let Some(value) = state.values.pop_front() {
            state.promised += 1;
            drop(state);
            self.shared.pass_on();
            return Some(Some(value));
        }
        state.is_finished().then_some(None)
    }
    // ANCHOR_END: take
    // YOURS_END
}

/// See [`Receiver::recv`].
///
/// # Cancel safety
///
/// Dropping it loses no value, and leaves no waker behind.
#[must_use = "a future does nothing until it is polled"]
pub struct Recv<'a, T> {
    // YOURS
    receiver: &'a mut Receiver<T>,
    // STUB: todo: PhantomData<&'a mut Receiver<T>>, // Yours to replace.
    // YOURS_END
}

// ANCHOR: recv
impl<T> Future for Recv<'_, T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        // YOURS
        if let Some(received) = self.receiver.take() {
            return Poll::Ready(received);
        }
        let new = Some(context.waker().clone());
        // Bound to a name, so that the borrow ends before the older waker is dropped.
        let older = std::mem::replace(&mut self.receiver.shared.state.borrow_mut().waker, new);
        drop(older);
        Poll::Pending
        // STUB: todo!("a value, the end, or a waker to keep")
        // YOURS_END
    }
}
// ANCHOR_END: recv
// YOURS

impl<T> Drop for Recv<'_, T> {
    fn drop(&mut self) {
        let waker = self.receiver.shared.state.borrow_mut().waker.take();
        drop(waker);
    }
}

// ANCHOR: drops
impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut state = self.shared.state.borrow_mut();
        state.senders -= 1;
        let waker = match state.senders {
            0 => state.waker.take(),
            _ => None,
        };
        drop(state);
        wake(waker);
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut state = self.shared.state.borrow_mut();
        state.receiver = End::Dropped;
        let values = std::mem::take(&mut state.values);
        drop(state);
        self.shared.line.hand_to_all(|| Err(Closed));
        drop(values);
    }
}
// ANCHOR_END: drops
// YOURS_END

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        // YOURS
        self.shared.state.borrow_mut().senders += 1;
        Sender {
            shared: Rc::clone(&self.shared),
        }
        // STUB: todo!("one more sender")
        // YOURS_END
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
