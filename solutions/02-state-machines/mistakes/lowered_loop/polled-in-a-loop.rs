//! Polls a number until it is there, within one poll.

use std::pin::Pin;
use std::task::{Context, Poll};

use std::task::ready;

use state_machines::source::Source;

/// Adds up all numbers that arrive: what [`source::total`](state_machines::source::total) does,
/// without `async`.
///
/// ```text
///               ┌──a number──┐
///   Created ──▶ Waiting ◀────┘ ──no more──▶ Complete
/// ```
///
/// Nothing is asked for here: the first poll asks for the first number. Each answer is polled with
/// the very context that comes in.
///
/// # Cancel safety
///
/// The numbers that have arrived are lost with it.
pub fn total<S: Source>(source: &mut S) -> Total<'_, S> {
    Total {
        source,
        child: None,
        total: 0,
        complete: false,
    }
}

/// See [`total`].
#[must_use = "a future does nothing until it is polled"]
pub struct Total<'s, S: Source> {
    source: &'s mut S,
    child: Option<S::Next>,
    total: u64,
    complete: bool,
}

impl<S: Source> Future for Total<'_, S> {
    type Output = u64;

    /// Goes on until a number is pending, or to the end.
    ///
    /// # Panics
    ///
    /// If it is complete.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u64> {
        let this = self.get_mut();
        assert!(!this.complete, "polled after it was ready");
        loop {
            // ANCHOR: mistake
            let mut child = this.source.next();
            let number = loop {
                if let Poll::Ready(number) = Pin::new(&mut child).poll(context) {
                    break number;
                }
            };
            // ANCHOR_END: mistake
            match number {
                Some(number) => this.total += u64::from(number),
                None => break,
            }
        }
        this.complete = true;
        Poll::Ready(this.total)
    }
}
