//! A list of futures at the same time: ready when all of them are.

use std::pin::Pin;
use std::task::{Context, Poll};

/// Waits for all futures of a list, of any length, and returns their results in the order of the
/// list.
///
/// Each poll of it polls each future that is not done yet once, in the order of the list, so that
/// any of them wakes the task that polled last. It does not poll a future again that is done, and
/// never wakes its task itself. An empty list is ready at the first poll.
///
/// # Panics
///
/// With what a future panics with. Nothing leaks then.
///
/// # Cancel safety
///
/// Dropping it drops all futures. The results of those that are done are lost.
pub fn join_all<F: Future>(futures: Vec<F>) -> JoinAll<F> {
    // YOURS
    let running = |future| Child::Running(Box::pin(future));
    JoinAll {
        children: futures.into_iter().map(running).collect(),
    }
    // STUB: todo!("keep all of them, and poll none")
    // YOURS_END
}

/// See [`join_all`].
#[must_use = "a future does nothing until it is polled"]
pub struct JoinAll<F: Future> {
    // YOURS
    children: Vec<Child<F>>,
    // STUB: // `poll` needs a `Pin<&mut F>`. From a `Vec<F>`, safe code gets only a `&mut F`. A box for
    // STUB: // each future gives the pin.
    // STUB: futures: Vec<Pin<Box<F>>>,
    // YOURS_END
}

// YOURS
// ANCHOR: child
enum Child<F: Future> {
    Running(Pin<Box<F>>),
    Done(F::Output),
}
// ANCHOR_END: child

// YOURS_END
/// `JoinAll` may be moved: each future is in a box of its own.
impl<F: Future> Unpin for JoinAll<F> {}

impl<F: Future> Future for JoinAll<F> {
    type Output = Vec<F::Output>;

    /// The caller must not poll it again after it was ready; it may panic or return anything then.
    // ANCHOR: poll
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<F::Output>> {
        let this = self.get_mut();
        // YOURS
        let mut done = true;
        for child in &mut this.children {
            if let Child::Running(future) = child {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *child = Child::Done(output),
                    Poll::Pending => done = false,
                }
            }
        }
        if !done {
            return Poll::Pending;
        }
        let output = |child| match child {
            Child::Done(output) => output,
            Child::Running(_) => unreachable!("all are done"),
        };
        Poll::Ready(this.children.drain(..).map(output).collect())
        // STUB: todo!("poll each future that is not done; are all done?")
        // YOURS_END
    }
    // ANCHOR_END: poll
}
