//! Requests to stop, each delivered once.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// A request to stop, with its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request(pub &'static str);

/// Requests to stop one task, oldest first. Each is delivered to one wait of that task, as asyncio
/// throws the `CancelledError` of one `cancel()` into one `await`.
///
/// This is cancellation as an *edge*: the code that takes a request has to act on it, because it
/// does not come again. Chapter 06's `Token` is a *level*: a token that is cancelled stays so, and
/// every later wait sees it.
///
/// A clone is the same queue.
///
/// ```
/// use composition::{Request, Requests};
///
/// let requests = Requests::new();
/// requests.push("shutdown");
/// assert_eq!(requests.waiting(), [Request("shutdown")]);
/// ```
#[derive(Clone, Default)]
pub struct Requests(Rc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: RefCell<VecDeque<Request>>,
    taker: Cell<Option<Waker>>,
}

impl Requests {
    /// No request.
    #[must_use]
    pub fn new() -> Requests {
        Requests::default()
    }

    /// Adds a request, and wakes the task that waits for one.
    pub fn push(&self, reason: &'static str) {
        self.0.waiting.borrow_mut().push_back(Request(reason));
        if let Some(waker) = self.0.taker.take() {
            waker.wake();
        }
    }

    // ANCHOR: next
    /// Waits for a request, and takes the oldest. One task waits at a time: the wait
    /// that polled last is woken.
    ///
    /// # Cancel safety
    ///
    /// The future takes a request only in the poll that returns it. Dropping the future
    /// leaves the requests where they are.
    pub fn next(&self) -> Next<'_> {
        Next { requests: self }
    }
    // ANCHOR_END: next

    /// The requests that no wait has taken, oldest first.
    #[must_use]
    pub fn waiting(&self) -> Vec<Request> {
        self.0.waiting.borrow().iter().copied().collect()
    }
}

/// See [`Requests::next`].
#[derive(Debug)]
#[must_use = "a future does nothing unless it is polled"]
pub struct Next<'a> {
    requests: &'a Requests,
}

impl Future for Next<'_> {
    type Output = Request;

    /// A poll after `Ready` waits for the next request.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Request> {
        let shared = &self.requests.0;
        let oldest = shared.waiting.borrow_mut().pop_front();
        if let Some(request) = oldest {
            return Poll::Ready(request);
        }
        let _older = shared.taker.replace(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Next<'_> {
    fn drop(&mut self) {
        drop(self.requests.0.taker.take());
    }
}

impl fmt::Debug for Requests {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Requests").field(&self.waiting()).finish()
    }
}

impl fmt::Display for Request {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}
