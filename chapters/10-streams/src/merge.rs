//! The items of two streams as one stream, by turns.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::Stream;

/// Yields the items of both streams, each as soon as it is there.
///
/// The streams take turns. The first turn is that of `first`. A poll polls the stream whose turn it
/// is, and the other one if the first of the two has no item. After an item it is the turn of the
/// stream that the item is *not* from. So a stream that always has an item holds the other one up for
/// one item at most.
///
/// A stream that has ended is dropped in the same poll, and not polled again. The merge ends with the
/// second of the two. It returns `Pending` only if it has just polled each stream that has not ended,
/// with the waker of this poll, and it wakes no task itself.
///
/// ```
/// use futures::stream;
/// use streams::{collect, merge};
///
/// let merged = merge(stream::iter([1, 2, 3]), stream::iter([10, 20]));
/// assert_eq!(wakers::block_on(collect::<_, Vec<_>>(merged)), [1, 10, 2, 20, 3]);
/// ```
pub fn merge<A, B>(first: A, second: B) -> Merge<A, B>
where
    A: Stream + Unpin,
    B: Stream<Item = A::Item> + Unpin,
{
    // YOURS
    Merge {
        first: Some(first),
        second: Some(second),
        turn: Turn::First,
    }
    // STUB: todo!("keep both; it is the turn of the first")
    // YOURS_END
}

/// See [`merge`].
///
/// # Panics
///
/// A poll panics with what a stream panics with.
///
/// # Cancel safety
///
/// It keeps no item. Dropping it drops the streams that have not ended. A future that borrows it, such
/// as [`next`](crate::next()), loses nothing when it is dropped.
// ANCHOR: fields
#[must_use = "the streams are polled only when this is"]
#[derive(Debug)]
pub struct Merge<A, B> {
    // YOURS
    /// `None` after its end.
    first: Option<A>,
    second: Option<B>,
    turn: Turn,
    // STUB: // What says that a stream has ended?
    // STUB: first: A,
    // STUB: second: B,
    // YOURS_END
}
// YOURS

/// Which stream is polled first.
#[derive(Debug, Clone, Copy)]
enum Turn {
    First,
    Second,
}

impl Turn {
    fn other(self) -> Turn {
        match self {
            Turn::First => Turn::Second,
            Turn::Second => Turn::First,
        }
    }
}

// ANCHOR_END: fields

// ANCHOR: one
/// The item of a stream that has one. Drops a stream that has ended.
fn poll<S: Stream + Unpin>(source: &mut Option<S>, context: &mut Context<'_>) -> Option<S::Item> {
    match Pin::new(source.as_mut()?).poll_next(context) {
        Poll::Ready(None) => {
            *source = None;
            None
        }
        Poll::Ready(item) => item,
        Poll::Pending => None,
    }
}
// ANCHOR_END: one
// YOURS_END

// ANCHOR: poll
impl<A, B> Stream for Merge<A, B>
where
    A: Stream + Unpin,
    B: Stream<Item = A::Item> + Unpin,
{
    type Item = A::Item;

    /// One item, or the end: `Ready(None)`, in each poll after the end as well.
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<A::Item>> {
        let this = self.get_mut();
        // YOURS
        for turn in [this.turn, this.turn.other()] {
            let item = match turn {
                Turn::First => poll(&mut this.first, context),
                Turn::Second => poll(&mut this.second, context),
            };
            if let Some(item) = item {
                this.turn = turn.other();
                return Poll::Ready(Some(item));
            }
        }
        match (&this.first, &this.second) {
            (None, None) => Poll::Ready(None),
            _ => Poll::Pending,
        }
        // STUB: todo!("poll the stream whose turn it is, and then perhaps the other")
        // YOURS_END
    }
}
// ANCHOR_END: poll
