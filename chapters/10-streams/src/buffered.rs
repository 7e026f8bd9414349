//! A stream of futures, of which several are in flight; their outputs in order.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use composition::ReadySet;
use futures::Stream;
// YOURS
use std::collections::VecDeque;
// YOURS_END

/// Runs the futures of `source` side by side, at most `limit` of them, and yields their outputs in the
/// order of the source.
///
/// A future is **in flight** from the moment in which it is taken from the source until its output is
/// yielded. The source is polled only in a poll of this stream, only while fewer than `limit` futures are
/// in flight, and not after its end.
///
/// One poll
///
/// - takes futures from the source until `limit` are in flight, or the source has none now;
/// - polls the futures that were just taken, or woken since their last poll, and no other, and drops each
///   that is ready;
/// - yields at most one output, that of the oldest future in flight.
///
/// It is pending if the oldest future in flight is, or if none is in flight and the source is pending.
/// It ends when the source has ended and no future is in flight. A poll after that returns `Ready(None)`
/// again.
///
/// ```
/// use futures::stream;
/// use std::future::ready;
/// use streams::{buffered, collect};
///
/// let squares = buffered(stream::iter((1..=4).map(|number| ready(number * number))), 2);
/// assert_eq!(wakers::block_on(collect::<_, Vec<_>>(squares)), [1, 4, 9, 16]);
/// ```
///
/// # Panics
///
/// If `limit` is 0: no future would ever be taken. `usize::MAX` is no limit, and reserves no memory.
pub fn buffered<S>(source: S, limit: usize) -> Buffered<S>
where
    S: Stream<Item: Future> + Unpin,
{
    // YOURS
    assert!(limit > 0, "a future needs a place to be in flight");
    Buffered {
        source: Some(source),
        limit,
        running: ReadySet::new(),
        outputs: VecDeque::new(),
        yielded: 0,
    }
    // STUB: todo!("no future is in flight yet")
    // YOURS_END
}

/// See [`buffered`].
///
/// # Panics
///
/// A poll panics with what a future or the source panics with.
///
/// # Cancel safety
///
/// Dropping it drops the futures in flight, and the outputs that were not yielded. A future that
/// borrows it, such as [`next`](crate::next()), loses nothing when it is dropped.
///
/// A future in flight goes on only while this stream is polled. In the body of a loop over this stream,
/// it is not: see the chapter.
// ANCHOR: fields
#[must_use = "the futures are polled only when this is"]
pub struct Buffered<S: Stream<Item: Future>> {
    limit: usize,
    // YOURS
    /// `None` after its end.
    source: Option<S>,
    /// The futures in flight that are not ready.
    running: ReadySet<Numbered<S::Item>>,
    /// One place for each future in flight, the oldest first.
    outputs: VecDeque<Option<<S::Item as Future>::Output>>,
    /// The number of the oldest.
    yielded: u64,
    // STUB: source: S,
    // STUB: running: ReadySet<S::Item>, // Yours to replace.
    // YOURS_END
}
// ANCHOR_END: fields
// YOURS

// ANCHOR: numbered
/// A future that says which one it is: the first of the source is 0.
#[pin_project::pin_project]
struct Numbered<F> {
    number: u64,
    #[pin]
    future: F,
}

impl<F: Future> Future for Numbered<F> {
    type Output = (u64, F::Output);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.future
            .poll(context)
            .map(|output| (*this.number, output))
    }
}
// ANCHOR_END: numbered

// ANCHOR: steps
impl<S: Stream<Item: Future> + Unpin> Buffered<S> {
    /// Takes futures from the source.
    fn fill(&mut self, context: &mut Context<'_>) {
        while let Some(source) = &mut self.source
            && self.outputs.len() < self.limit
        {
            match Pin::new(source).poll_next(context) {
                Poll::Ready(Some(future)) => {
                    let number = self.yielded + self.outputs.len() as u64;
                    self.outputs.push_back(None);
                    self.running.push(Numbered { number, future });
                }
                Poll::Ready(None) => self.source = None,
                Poll::Pending => return,
            }
        }
    }

    /// Polls the futures that were woken, and keeps the outputs of those that are ready.
    fn run(&mut self, context: &mut Context<'_>) {
        while let Poll::Ready(Some((number, output))) =
            Pin::new(&mut self.running).poll_next(context)
        {
            let place = (number - self.yielded) as usize;
            self.outputs[place] = Some(output);
        }
    }
}
// ANCHOR_END: steps
// YOURS_END

impl<S> Stream for Buffered<S>
where
    S: Stream<Item: Future> + Unpin,
{
    type Item = <S::Item as Future>::Output;

    // ANCHOR: poll
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        // YOURS
        this.fill(context);
        this.run(context);
        match this.outputs.front_mut().map(Option::take) {
            Some(Some(oldest)) => {
                this.outputs.pop_front();
                this.yielded += 1;
                Poll::Ready(Some(oldest))
            }
            None if this.source.is_none() => Poll::Ready(None),
            Some(None) | None => Poll::Pending,
        }
        // STUB: todo!("take, poll, yield")
        // YOURS_END
    }
    // ANCHOR_END: poll
}

/// It may be moved: each future is in a box of its own.
impl<S: Stream<Item: Future>> Unpin for Buffered<S> {}

impl<S: Stream<Item: Future>> fmt::Debug for Buffered<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Buffered")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
