//! A queue between tasks that makes senders wait when it is full. Safe code is enough: `unsafe` does not
//! compile here.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

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
    todo!("two halves that share something")
}

/// Sends values. A clone is another sender of the same channel.
///
/// When the last sender is dropped, the receiver gets the values that are in the channel, and then
/// `None`.
pub struct Sender<T> {
    todo: PhantomData<T>, // Yours to replace.
}

/// Receives the values in the order in which they were sent. Dropping it [closes](Receiver::close) the
/// channel, and drops the values that are in it.
pub struct Receiver<T> {
    todo: PhantomData<T>, // Yours to replace.
}

/// A slot that one value is going to take. Dropped unused, it becomes free again.
#[must_use = "dropping a permit frees its slot"]
pub struct Permit<'a, T> {
    sender: PhantomData<&'a Sender<T>>,
}

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
    pub async fn send(&self, value: T) -> Result<(), SendError<T>> {
        todo!("a slot first, and then the value")
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
        todo!("is a slot free? if not, wait in line")
    }

    /// Sends the value if a slot is free. It never takes a slot from a sender that waits in line.
    ///
    /// # Errors
    ///
    /// Returns the value if no slot is free, or the channel is closed; if both are true, `Closed`.
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        todo!("is a slot free?")
    }

    /// Whether the receiver was dropped, or has closed the channel.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        todo!("does it accept values?")
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
        todo!("the slot is this permit's")
    }
}

impl<T> Receiver<T> {
    /// The next value; `None` once the channel is empty and no value can come: when all senders are
    /// dropped, or the channel is closed and all its permits are used or dropped. After `None` it
    /// stays `None`.
    pub fn recv(&mut self) -> Recv<'_, T> {
        todo!("the future that waits")
    }

    /// The next value, if there is one.
    ///
    /// # Errors
    ///
    /// `Empty` if there is none yet, and `Closed` where [`recv`](Receiver::recv) returns `None`.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        todo!("is a value there?")
    }

    /// Accepts no more values: senders in line get theirs back. Values that were sent before can still
    /// be received, and permits that were handed out before can still send.
    pub fn close(&mut self) {
        todo!("which futures have to learn of it?")
    }
}

/// See [`Receiver::recv`].
///
/// # Cancel safety
///
/// Dropping it loses no value, and leaves no waker behind.
#[must_use = "a future does nothing until it is polled"]
pub struct Recv<'a, T> {
    todo: PhantomData<&'a mut Receiver<T>>, // Yours to replace.
}

impl<T> Future for Recv<'_, T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        todo!("a value, the end, or a waker to keep")
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        todo!("one more sender")
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
