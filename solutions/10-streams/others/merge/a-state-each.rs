//! A state for each number of streams that are left, which a poll takes out and puts back.

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
    Merge {
        state: State::Both(first, second),
        second_first: false,
    }
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
#[derive(Debug)]
#[must_use = "the streams are polled only when this is"]
pub struct Merge<A, B> {
    state: State<A, B>,
    second_first: bool,
}

#[derive(Debug)]
enum State<A, B> {
    Both(A, B),
    First(A),
    Second(B),
    Neither,
}

impl<A, B> Stream for Merge<A, B>
where
    A: Stream + Unpin,
    B: Stream<Item = A::Item> + Unpin,
{
    type Item = A::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<A::Item>> {
        let second_first = self.second_first;
        let (state, polled, from_second) = match std::mem::replace(&mut self.state, State::Neither)
        {
            State::Both(a, b) if second_first => second_then_first(a, b, context),
            State::Both(a, b) => first_then_second(a, b, context),
            State::First(mut a) => match Pin::new(&mut a).poll_next(context) {
                Poll::Ready(None) => (State::Neither, Poll::Ready(None), false),
                polled => (State::First(a), polled, false),
            },
            State::Second(mut b) => match Pin::new(&mut b).poll_next(context) {
                Poll::Ready(None) => (State::Neither, Poll::Ready(None), true),
                polled => (State::Second(b), polled, true),
            },
            State::Neither => (State::Neither, Poll::Ready(None), false),
        };
        self.state = state;
        if let Poll::Ready(Some(_)) = polled {
            self.second_first = !from_second;
        }
        polled
    }
}

type Polled<A, B, T> = (State<A, B>, Poll<Option<T>>, bool);

fn first_then_second<A, B>(mut a: A, mut b: B, context: &mut Context<'_>) -> Polled<A, B, A::Item>
where
    A: Stream + Unpin,
    B: Stream<Item = A::Item> + Unpin,
{
    match Pin::new(&mut a).poll_next(context) {
        Poll::Ready(Some(item)) => (State::Both(a, b), Poll::Ready(Some(item)), false),
        Poll::Pending => match Pin::new(&mut b).poll_next(context) {
            Poll::Ready(None) => (State::First(a), Poll::Pending, true),
            polled => (State::Both(a, b), polled, true),
        },
        Poll::Ready(None) => {
            drop(a);
            match Pin::new(&mut b).poll_next(context) {
                Poll::Ready(None) => (State::Neither, Poll::Ready(None), true),
                polled => (State::Second(b), polled, true),
            }
        }
    }
}

fn second_then_first<A, B>(mut a: A, mut b: B, context: &mut Context<'_>) -> Polled<A, B, A::Item>
where
    A: Stream + Unpin,
    B: Stream<Item = A::Item> + Unpin,
{
    match Pin::new(&mut b).poll_next(context) {
        Poll::Ready(Some(item)) => (State::Both(a, b), Poll::Ready(Some(item)), true),
        Poll::Pending => match Pin::new(&mut a).poll_next(context) {
            Poll::Ready(None) => (State::Second(b), Poll::Pending, false),
            polled => (State::Both(a, b), polled, false),
        },
        Poll::Ready(None) => {
            drop(b);
            match Pin::new(&mut a).poll_next(context) {
                Poll::Ready(None) => (State::Neither, Poll::Ready(None), false),
                polled => (State::First(a), polled, false),
            }
        }
    }
}
