//! A set of futures that polls only the children that were woken. This version has a fault.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

// ANCHOR: code
/// Gives each child's output as soon as it is there.
pub(super) struct Set<F> {
    children: Vec<Option<Pin<Box<F>>>>,
    shared: Arc<Mutex<Shared>>,
    /// The children that were never polled.
    fresh: Vec<usize>,
}

struct Shared {
    /// The child that was woken, to be polled next.
    woken: Option<usize>,
    /// The waker of the set's own task.
    parent: Option<Waker>,
}

/// The waker that a child gets.
struct ChildWaker {
    child: usize,
    shared: Arc<Mutex<Shared>>,
}

impl Wake for ChildWaker {
    fn wake(self: Arc<Self>) {
        let parent = {
            let mut shared = self.shared.lock().expect("no poll panics");
            shared.woken = Some(self.child);
            shared.parent.take()
        };
        parent.into_iter().for_each(Waker::wake);
    }
}

impl<F: Future> Set<F> {
    /// The next output, with the child's number.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<(usize, F::Output)> {
        loop {
            let child = {
                let mut shared = self.shared.lock().expect("no poll panics");
                shared.parent = Some(context.waker().clone());
                self.fresh.pop().or(shared.woken.take())
            };
            let Some(child) = child else {
                return Poll::Pending;
            };
            let Some(future) = &mut self.children[child] else {
                continue; // It was woken after it was done.
            };
            let shared = Arc::clone(&self.shared);
            let waker = Waker::from(Arc::new(ChildWaker { child, shared }));
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
            if let Poll::Ready(output) = polled {
                self.children[child] = None;
                return Poll::Ready((child, output));
            }
        }
    }
}
// ANCHOR_END: code

impl<F: Future> Set<F> {
    pub(super) fn new(children: impl IntoIterator<Item = F>) -> Set<F> {
        let children: Vec<_> = children
            .into_iter()
            .map(|child| Some(Box::pin(child)))
            .collect();
        Set {
            fresh: (0..children.len()).rev().collect(),
            children,
            shared: Arc::new(Mutex::new(Shared {
                woken: None,
                parent: None,
            })),
        }
    }
}
