//! A function with an await inside of a loop, as the machine that it becomes.

use std::pin::Pin;
use std::task::{Context, Poll};

// YOURS
use std::task::ready;

// YOURS_END
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
    // YOURS
    Total {
        source,
        state: State::Created,
    }
    // STUB: Total { source }
    // YOURS_END
}

/// See [`total`].
#[must_use = "a future does nothing until it is polled"]
pub struct Total<'s, S: Source> {
    source: &'s mut S,
    // YOURS
    state: State<S>,
    // STUB: // What else has to be remembered while a number is awaited?
    // YOURS_END
}

// YOURS
// ANCHOR: states
enum State<S: Source> {
    Created,
    Waiting { total: u64, child: S::Next },
    Complete,
}
// ANCHOR_END: states

// YOURS_END
impl<S: Source> Future for Total<'_, S> {
    type Output = u64;

    /// Goes on until a number is pending, or to the end.
    ///
    /// # Panics
    ///
    /// If it is complete.
    // ANCHOR: poll
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u64> {
        let this = self.get_mut();
        // YOURS
        loop {
            let total = match &mut this.state {
                State::Created => 0,
                State::Waiting { total, child } => {
                    match (*total, ready!(Pin::new(child).poll(context))) {
                        (total, Some(number)) => total + u64::from(number),
                        (total, None) => {
                            this.state = State::Complete;
                            return Poll::Ready(total);
                        }
                    }
                }
                State::Complete => panic!("polled after it was ready"),
            };
            this.state = State::Waiting {
                total,
                child: this.source.next(),
            };
        }
        // STUB: todo!("take in all numbers that are there already, and wait for the next")
        // YOURS_END
    }
    // ANCHOR_END: poll
}
