//! A stream that a test feeds.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::Stream;
use probe_futures::Poller;

/// The test's end of a [`Source`].
pub(crate) struct Feed<T>(Rc<RefCell<State<T>>>);

/// Yields what its [`Feed`] gives it.
pub(crate) struct Source<T>(Rc<RefCell<State<T>>>);

struct State<T> {
    items: VecDeque<T>,
    ends: bool,
    ended: bool,
    polls: usize,
    waker: Option<Waker>,
    dropped: bool,
}

/// A stream without items, and its feed.
pub(crate) fn source<T>() -> (Feed<T>, Source<T>) {
    let state = Rc::new(RefCell::new(State {
        items: VecDeque::new(),
        ends: false,
        ended: false,
        polls: 0,
        waker: None,
        dropped: false,
    }));
    (Feed(Rc::clone(&state)), Source(state))
}

impl<T> Feed<T> {
    pub(crate) fn push(&self, item: T) {
        self.0.borrow_mut().items.push_back(item);
        self.rattle();
    }

    /// The stream ends after the items that it has.
    pub(crate) fn end(&self) {
        self.0.borrow_mut().ends = true;
        self.rattle();
    }

    /// Wakes the task that polled last.
    pub(crate) fn rattle(&self) {
        let waker = self.0.borrow_mut().waker.take();
        waker.into_iter().for_each(Waker::wake);
    }

    pub(crate) fn polls(&self) -> usize {
        self.0.borrow().polls
    }

    pub(crate) fn is_dropped(&self) -> bool {
        self.0.borrow().dropped
    }
}

impl<T> Stream for Source<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut state = self.0.borrow_mut();
        assert!(!state.ended, "polled after None");
        state.polls += 1;
        if let Some(item) = state.items.pop_front() {
            return Poll::Ready(Some(item));
        }
        if state.ends {
            state.ended = true;
            return Poll::Ready(None);
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl<T> Drop for Source<T> {
    fn drop(&mut self) {
        let mut state = self.0.borrow_mut();
        state.dropped = true;
        state.waker = None;
    }
}

/// A task with a waker of its own.
pub(crate) fn task(name: &str) -> Poller {
    probe_futures::poller(&probe::Recorder::default(), name)
}

/// Polls a stream once, by this task.
pub(crate) fn poll<S: Stream + Unpin>(by: &Poller, stream: &mut S) -> Poll<Option<S::Item>> {
    by.lend(|waker| Pin::new(stream).poll_next(&mut Context::from_waker(waker)))
}
