//! A stream from an async block: each `send` is an item.

use std::cell::Cell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::Stream;
use pin_project::pin_project;

/// Makes a stream of what an async block sends. This is Python's asynchronous generator: `send` is its
/// `yield`.
///
/// The block runs only while the stream is polled, and stands at its `send` until the stream is polled
/// again after that item. The stream ends when the block does.
///
/// ```
/// use streams::{collect, from_async};
///
/// let squares = from_async(async |mut items| {
///     for number in 1..=3 {
///         items.send(number * number).await;
///     }
/// });
/// assert_eq!(wakers::block_on(collect::<_, Vec<_>>(squares)), [1, 4, 9]);
/// ```
// ANCHOR: from_async
pub fn from_async<T, F>(block: impl FnOnce(Sender<T>) -> F) -> FromAsync<T, F>
where
    F: Future<Output = ()>,
{
    let slot = Rc::new(Slot::new());
    FromAsync {
        block: Some(block(Sender {
            slot: Rc::clone(&slot),
        })),
        slot,
    }
}
// ANCHOR_END: from_async

/// See [`from_async`].
///
/// # Panics
///
/// A poll panics with what the block panics with.
///
/// # Cancel safety
///
/// Dropping it drops the block where it is suspended. [`next`](crate::next()) loses nothing.
#[must_use = "the block runs only while the stream is polled"]
#[pin_project]
pub struct FromAsync<T, F> {
    /// `None` after the block has ended.
    #[pin]
    block: Option<F>,
    slot: Rc<Slot<T>>,
}

// ANCHOR: poll
impl<T, F: Future<Output = ()>> Stream for FromAsync<T, F> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut this = self.project();
        if let Some(block) = this.block.as_mut().as_pin_mut() {
            this.slot.wake_the_sender(context);
            if block.poll(context).is_ready() {
                this.block.set(None);
            }
        }
        match this.slot.item.take() {
            Some(item) => Poll::Ready(Some(item)),
            None if this.block.is_none() => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}
// ANCHOR_END: poll

/// The block's end of a stream that [`from_async`] makes.
pub struct Sender<T> {
    slot: Rc<Slot<T>>,
}

impl<T> Sender<T> {
    /// Makes this the stream's next item, and waits until the stream is polled again after it.
    ///
    /// # Cancel safety
    ///
    /// If it is dropped after its first poll, the item may still be yielded.
    // ANCHOR: send
    pub async fn send(&mut self, item: T) {
        let mut item = Some(item);
        poll_fn(|context| self.slot.poll_send(&mut item, context)).await;
    }
    // ANCHOR_END: send
}

/// Between the block and the stream: one item at most, which a poll of the stream takes.
struct Slot<T> {
    item: Cell<Option<T>>,
    /// That of the last poll of `send`. The block may poll it through a set, with a waker of its own.
    sender: Cell<Option<Waker>>,
}

impl<T> Slot<T> {
    fn new() -> Slot<T> {
        Slot {
            item: Cell::new(None),
            sender: Cell::new(None),
        }
    }

    // ANCHOR: poll_send
    /// Ready in the first poll after the stream has taken the item.
    fn poll_send(&self, item: &mut Option<T>, context: &mut Context<'_>) -> Poll<()> {
        match self.item.take() {
            None if item.is_none() => return Poll::Ready(()),
            None => self.item.set(item.take()),
            not_taken => self.item.set(not_taken),
        }
        let older = self.sender.replace(Some(context.waker().clone()));
        drop(older);
        Poll::Pending
    }
    // ANCHOR_END: poll_send

    /// Nothing to do where the block passes on the waker of the task: it is being polled.
    fn wake_the_sender(&self, context: &Context<'_>) {
        if let Some(waker) = self.sender.take()
            && !waker.will_wake(context.waker())
        {
            waker.wake();
        }
    }
}

impl<T, F> fmt::Debug for FromAsync<T, F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("FromAsync")
            .field("ended", &self.block.is_none())
            .finish()
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Sender").finish_non_exhaustive()
    }
}
