//! A list of futures at the same time: ready when the last of them is.

use std::pin::Pin;
use std::task::{Context, Poll};

/// Waits for all of them, and gives their results in the order of the list, whatever the order in
/// which they come.
///
/// Each of its polls goes to every one that is not done yet, with the very context that comes in,
/// in the order of the list. One that is done is not polled again. An empty list is ready at the
/// first poll.
///
/// # Cancel safety
///
/// If it is dropped before all are done, the results of those that are done are lost.
pub fn join_all<F: Future>(futures: Vec<F>) -> JoinAll<F> {
    // YOURS
    let running = |future| Child::Running(Box::pin(future));
    JoinAll {
        children: futures.into_iter().map(running).collect(),
    }
    // STUB: todo!("keep them all, and poll none")
    // YOURS_END
}

/// See [`join_all`].
#[must_use = "a future does nothing until it is polled"]
pub struct JoinAll<F: Future> {
    // YOURS
    children: Vec<Child<F>>,
    // STUB: // Each future needs a place that it keeps: a `Vec` moves what is in it when it grows, a
    // STUB: // box does not.
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
/// None of the futures stands in it directly: each has its own box, so it may be moved.
impl<F: Future> Unpin for JoinAll<F> {}

impl<F: Future> Future for JoinAll<F> {
    type Output = Vec<F::Output>;

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
        // STUB: todo!("poll whoever is not done, and see whether all are")
        // YOURS_END
    }
    // ANCHOR_END: poll
}
