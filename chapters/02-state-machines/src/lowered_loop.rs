//! A function with an await inside of a loop, as the machine that it becomes.

use std::pin::Pin;
use std::task::{Context, Poll};

// YOURS
use std::task::ready;

// YOURS_END
use state_machines::source::Source;

/// Adds up all numbers of a source: each step of [`source::total`](state_machines::source::total),
/// without `async`.
///
// YOURS
/// ```text
///               ┌──a number──┐
///   Created ──▶ Waiting ◀────┘ ──no more──▶ Complete
/// ```
///
// YOURS_END
/// The call asks the source nothing: the first poll asks for the first number. A poll goes on as
/// long as numbers are ready, with as much stack for 10,000 numbers as for one. It polls an answer
/// with the `Context` of its own poll, once a poll, and never wakes its task itself.
///
/// # Cancel safety
///
/// Dropping it drops the answer that is under way and loses the numbers that have arrived.
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
    // STUB: // What else does it keep while a number is awaited?
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

    /// Runs until a number is pending, or to the end.
    ///
    /// # Panics
    ///
    /// At each poll after it was ready.
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
        // STUB: todo!("add all numbers that are ready, and wait for the next")
        // YOURS_END
    }
    // ANCHOR_END: poll
}
