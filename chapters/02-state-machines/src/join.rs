//! Two futures side by side: ready when both are.

use std::pin::Pin;
use std::task::{Context, Poll};

// YOURS
use pin_project::pin_project;

// STUB: use pin_project::pin_project;
// STUB:
// YOURS_END
/// Waits for two futures at the same time and returns both results.
///
/// ```
/// use std::future::ready;
/// use std::pin::pin;
/// use std::task::{Context, Poll, Waker};
///
/// let mut both = pin!(state_machines::join(ready(1), ready("two")));
/// let mut context = Context::from_waker(Waker::noop());
/// assert_eq!(both.as_mut().poll(&mut context), Poll::Ready((1, "two")));
/// ```
///
/// Each poll of the join polls each future that is not done yet once, `first` before `second`, so
/// that either of them wakes the task that polled the join last. The join keeps the result of a
/// future that is done and does not poll that future again. It never wakes its task itself.
///
/// # Panics
///
/// With what a future panics with. Nothing leaks then.
///
/// # Cancel safety
///
/// Dropping the join drops both futures. If one of them is done, its result is lost.
pub fn join<A: Future, B: Future>(first: A, second: B) -> Join<A, B> {
    // YOURS
    Join {
        first: Child::Running(first),
        second: Child::Running(second),
    }
    // STUB: todo!("keep both, and poll neither")
    // YOURS_END
}

/// See [`join`].
#[must_use = "a future does nothing until it is polled"]
// YOURS
#[pin_project]
// YOURS_END
pub struct Join<A: Future, B: Future> {
    // YOURS
    #[pin]
    first: Child<A>,
    #[pin]
    second: Child<B>,
    // STUB: // What does the join keep of each of the two?
    // STUB: first: A,
    // STUB: second: B,
    // YOURS_END
}

// YOURS
// ANCHOR: child
#[pin_project(project = Projected)]
enum Child<F: Future> {
    Running(#[pin] F),
    /// `None` after the result was taken.
    Done(Option<F::Output>),
}

impl<F: Future> Child<F> {
    /// Polls the future if it is running. Returns whether it is done.
    fn is_done(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> bool {
        if let Projected::Running(future) = self.as_mut().project() {
            match future.poll(context) {
                Poll::Pending => return false,
                Poll::Ready(output) => self.set(Child::Done(Some(output))),
            }
        }
        true
    }

    fn take(self: Pin<&mut Self>) -> F::Output {
        match self.project() {
            Projected::Done(output) => output.take().expect("polled after it was ready"),
            Projected::Running(_) => unreachable!("taken only when it is done"),
        }
    }
}
// ANCHOR_END: child

// YOURS_END
impl<A: Future, B: Future> Future for Join<A, B> {
    type Output = (A::Output, B::Output);

    /// The caller must not poll it again after it was ready; this may panic then.
    // ANCHOR: poll
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<(A::Output, B::Output)> {
        // YOURS
        let mut this = self.project();
        let first = this.first.as_mut().is_done(context);
        let second = this.second.as_mut().is_done(context);
        if first && second {
            Poll::Ready((this.first.take(), this.second.take()))
        } else {
            Poll::Pending
        }
        // STUB: todo!("poll each future that is not done; are both done?")
        // YOURS_END
    }
    // ANCHOR_END: poll
}
