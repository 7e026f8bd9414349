//! Keeps the outputs that wait in a map, and counts what was taken.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use composition::ReadySet;
use futures::Stream;
use std::collections::BTreeMap;

/// Runs the futures of `source` side by side, at most `limit` of them, and yields their outputs in the
/// order of the source.
///
/// A future is **in flight** from the moment in which it is taken from the source until its output is
/// yielded. So an output that has to wait for the one before it counts, and at most `limit` outputs are
/// kept. The limit is the whole back-pressure: the source is polled only in a poll of this stream, and
/// only while fewer than `limit` futures are in flight.
///
/// One poll
///
/// - takes futures from the source until `limit` are in flight, the source is pending, or the source
///   has ended, which it does once and is not polled after;
/// - polls each future that was just taken, and each that was woken since its last poll, and no other,
///   and drops each that is ready;
/// - yields the output of the oldest future in flight, if that is there. A poll yields one output, and
///   the next poll takes the next future.
///
/// It is pending if the oldest future in flight is, or if none is in flight and the source is pending.
/// It ends when the source has ended and no future is in flight.
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
    assert!(limit > 0, "a future needs a place to be in flight");
    Buffered {
        source: Some(source),
        limit,
        running: ReadySet::new(),
        outputs: BTreeMap::new(),
        taken: 0,
        yielded: 0,
    }
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
#[must_use = "the futures are polled only when this is"]
pub struct Buffered<S: Stream<Item: Future>> {
    limit: usize,
    /// `None` after its end.
    source: Option<S>,
    /// The futures in flight that are not ready.
    running: ReadySet<Numbered<S::Item>>,
    /// The outputs that wait, by number.
    outputs: BTreeMap<u64, <S::Item as Future>::Output>,
    /// How many were taken, and how many yielded.
    taken: u64,
    yielded: u64,
}

/// A future that says which one it is: the first of the source is 0.
struct Numbered<F> {
    number: u64,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for Numbered<F> {
    type Output = (u64, F::Output);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let number = self.number;
        self.future
            .as_mut()
            .poll(context)
            .map(|output| (number, output))
    }
}

impl<S: Stream<Item: Future> + Unpin> Buffered<S> {
    /// Takes futures from the source.
    fn fill(&mut self, context: &mut Context<'_>) {
        while let Some(source) = &mut self.source
            && self.taken - self.yielded < self.limit as u64
        {
            match Pin::new(source).poll_next(context) {
                Poll::Ready(Some(future)) => {
                    let number = self.taken;
                    self.taken += 1;
                    self.running.push(Numbered {
                        number,
                        future: Box::pin(future),
                    });
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
            self.outputs.insert(number, output);
        }
    }
}

impl<S> Stream for Buffered<S>
where
    S: Stream<Item: Future> + Unpin,
{
    type Item = <S::Item as Future>::Output;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        this.fill(context);
        this.run(context);
        if let Some(output) = this.outputs.remove(&this.yielded) {
            this.yielded += 1;
            return Poll::Ready(Some(output));
        }
        if this.source.is_none() && this.taken == this.yielded {
            return Poll::Ready(None);
        }
        Poll::Pending
    }
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
