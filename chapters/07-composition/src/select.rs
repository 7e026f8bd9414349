//! Several futures side by side: the first that is ready wins.

use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project::pin_project;
use state_machines::Winner;

/// Waits for two futures, returns the output of the one that is ready first, and drops the other.
///
/// Each poll polls both. If both are ready in the same poll, the one that is polled first wins; which
/// one that is changes from poll to poll, so that in a loop neither of them is starved. The order is
/// drawn from a generator of the thread that starts with a fixed seed: the same program makes the same
/// choices in every run. [`biased`](Select::biased) polls the first one first.
///
/// ```
/// use composition::{Winner, select};
/// use std::future::{pending, ready};
///
/// let first = select(pending::<()>(), ready(7));
/// assert_eq!(wakers::block_on(first), Winner::Second(7));
/// ```
// ANCHOR: select
pub fn select<A: Future, B: Future>(first: A, second: B) -> Select<A, B> {
    Select {
        both: Some(Both { first, second }),
        order: Order::Fair,
    }
}

/// See [`select`].
///
/// Both futures are dropped *before* it returns `Ready`: when the caller has the winner's output, the
/// loser has released what it held. It never polls a future again that was ready, and never wakes its
/// task itself.
///
/// # Panics
///
/// With what a future panics with, and when it is polled after `Ready`.
///
/// # Cancel safety
///
/// It cancels the loser wherever that is suspended: the loser's own cancel safety decides what is
/// lost. Dropping the select drops both.
#[must_use = "a future does nothing until it is polled"]
#[pin_project]
pub struct Select<A, B> {
    /// `None` after one of them has won.
    #[pin]
    both: Option<Both<A, B>>,
    order: Order,
}

#[pin_project]
struct Both<A, B> {
    #[pin]
    first: A,
    #[pin]
    second: B,
}

impl<A: Future, B: Future> Future for Select<A, B> {
    type Output = Winner<A::Output, B::Output>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut place = this.both;
        let both = place.as_mut().as_pin_mut();
        let both = both.expect("polled after it was ready").project();
        let winner = ready!(poll_both(both.first, both.second, *this.order, context));
        place.set(None); // Drops the loser, before the caller sees the winner.
        Poll::Ready(winner)
    }
}
// ANCHOR_END: select

impl<A, B> Select<A, B> {
    /// Polls the first future first, always: if both are ready, the first wins. A first future that is
    /// always ready starves the second.
    pub fn biased(mut self) -> Select<A, B> {
        self.order = Order::Biased;
        self
    }
}

/// [`select`], for futures that may be moved: hands the loser back, with its state, in the place of
/// dropping it.
///
/// ```
/// use composition::{Winner, select_with_rest};
/// use std::future::{pending, ready};
///
/// match wakers::block_on(select_with_rest(ready(7), pending::<()>())) {
///     Winner::First((seven, rest)) => {
///         assert_eq!(seven, 7);
///         let _still_pending = rest; // May be awaited, or selected again.
///     }
///     Winner::Second(_) => unreachable!("the second is never ready"),
/// }
/// ```
pub fn select_with_rest<A, B>(first: A, second: B) -> SelectWithRest<A, B>
where
    A: Future + Unpin,
    B: Future + Unpin,
{
    SelectWithRest {
        both: Some((first, second)),
        order: Order::Fair,
    }
}

/// See [`select_with_rest`].
///
/// # Panics
///
/// With what a future panics with, and when it is polled after `Ready`.
///
/// # Cancel safety
///
/// Dropping it drops both futures. To keep one, hand in a `&mut` of it.
#[must_use = "a future does nothing until it is polled"]
#[derive(Debug)]
pub struct SelectWithRest<A, B> {
    both: Option<(A, B)>,
    order: Order,
}

impl<A, B> SelectWithRest<A, B> {
    /// Polls the first future first, always. See [`Select::biased`].
    pub fn biased(mut self) -> SelectWithRest<A, B> {
        self.order = Order::Biased;
        self
    }
}

impl<A: Future + Unpin, B: Future + Unpin> Future for SelectWithRest<A, B> {
    type Output = Winner<(A::Output, B), (A, B::Output)>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let order = self.order;
        let (first, second) = self.both.as_mut().expect("polled after it was ready");
        let (first, second) = (Pin::new(first), Pin::new(second));
        let winner = ready!(poll_both(first, second, order, context));
        let (first, second) = self.both.take().expect("it was polled above");
        Poll::Ready(match winner {
            Winner::First(output) => Winner::First((output, second)),
            Winner::Second(output) => Winner::Second((first, output)),
        })
    }
}

/// Waits for a list of futures, and returns the place and the output of the one that is ready first.
/// Drops the others.
///
/// Each poll polls all of them, beginning at a place that changes from poll to poll. For many futures
/// take the first item of [`as_completed`](crate::as_completed()): there a wake polls one.
///
/// # Panics
///
/// If the list is empty: it would never be ready.
pub fn select_all<F: Future>(futures: impl IntoIterator<Item = F>) -> SelectAll<F> {
    let futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
    assert!(!futures.is_empty(), "none of no futures is ever ready");
    SelectAll {
        futures,
        order: Order::Fair,
    }
}

/// See [`select_all`].
///
/// All futures are dropped *before* it returns `Ready`. It never wakes its task itself.
///
/// # Panics
///
/// With what a future panics with, and when it is polled after `Ready`.
///
/// # Cancel safety
///
/// As [`Select`].
#[must_use = "a future does nothing until it is polled"]
pub struct SelectAll<F> {
    /// Empty after one of them has won.
    futures: Vec<Pin<Box<F>>>,
    order: Order,
}

impl<F> SelectAll<F> {
    /// Polls the futures in the order of the list, always. See [`Select::biased`].
    pub fn biased(mut self) -> SelectAll<F> {
        self.order = Order::Biased;
        self
    }
}

impl<F: Future> Future for SelectAll<F> {
    type Output = (usize, F::Output);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let count = self.futures.len();
        assert!(count > 0, "polled after it was ready");
        let start = self.order.start(count);
        for place in (start..count).chain(0..start) {
            if let Poll::Ready(output) = self.futures[place].as_mut().poll(context) {
                self.futures.clear(); // Drops the losers, before the caller sees the winner.
                return Poll::Ready((place, output));
            }
        }
        Poll::Pending
    }
}

/// Polls both futures, the second only if the first of the two to be polled is pending.
fn poll_both<A: Future, B: Future>(
    first: Pin<&mut A>,
    second: Pin<&mut B>,
    order: Order,
    context: &mut Context<'_>,
) -> Poll<Winner<A::Output, B::Output>> {
    if order.start(2) == 0 {
        if let Poll::Ready(output) = first.poll(context) {
            return Poll::Ready(Winner::First(output));
        }
        return second.poll(context).map(Winner::Second);
    }
    if let Poll::Ready(output) = second.poll(context) {
        return Poll::Ready(Winner::Second(output));
    }
    first.poll(context).map(Winner::First)
}

// ANCHOR: order
/// Which future is polled first.
#[derive(Debug, Clone, Copy)]
enum Order {
    /// Another one from poll to poll.
    Fair,
    /// The first of the list.
    Biased,
}

impl Order {
    fn start(self, count: usize) -> usize {
        match self {
            Order::Fair => (next() % count as u64) as usize,
            Order::Biased => 0,
        }
    }
}

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(7) };
}

/// The next number of this thread: SplitMix64. A mere alternation is not enough, because two selects
/// that take turns would each begin at the same future every time.
fn next() -> u64 {
    let state = STATE.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    STATE.set(state);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
// ANCHOR_END: order

impl<A, B> std::fmt::Debug for Select<A, B> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Select")
            .field("order", &self.order)
            .finish()
    }
}

impl<F> std::fmt::Debug for SelectAll<F> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("SelectAll")
            .field("futures", &self.futures.len())
            .field("order", &self.order)
            .finish()
    }
}
