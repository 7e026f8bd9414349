//! The exits that bodies inside of a body have left to the loop: the outer exit waits for them.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use pin_project::{pin_project, pinned_drop};

thread_local! {
    /// Those of the innermost body that is being polled or dropped.
    static CURRENT: RefCell<Option<InnerExits>> = const { RefCell::new(None) };
}

/// The exits of the resources that are opened in one body. A clone is the same.
#[derive(Clone, Default)]
pub(crate) struct InnerExits {
    state: Rc<State>,
}

#[derive(Default)]
struct State {
    running: Cell<usize>,
    /// Wakes the task that waits for all of them.
    waker: Cell<Option<Waker>>,
}

impl InnerExits {
    /// The body of these. What is opened while it is polled, and what is left while it is dropped, belongs
    /// to them.
    pub(crate) fn within<F: Future>(&self, body: F) -> Within<F> {
        Within {
            body: Some(body),
            exits: self.clone(),
        }
    }

    /// An exit begins, or will. `None` if it is in no body.
    pub(crate) fn begin() -> Option<Running> {
        let exits = CURRENT.with_borrow(Clone::clone)?;
        exits.state.running.set(exits.state.running.get() + 1);
        Some(Running(exits))
    }

    // ANCHOR: ended
    /// Waits until none of them is running.
    pub(crate) async fn ended(&self) {
        poll_fn(|context| {
            if self.state.running.get() == 0 {
                return Poll::Ready(());
            }
            let older = self.state.waker.replace(Some(context.waker().clone()));
            drop(older);
            Poll::Pending
        })
        .await;
    }
    // ANCHOR_END: ended

    /// Makes these the current ones, until the guard is dropped.
    fn enter(&self) -> Entered {
        Entered(CURRENT.replace(Some(self.clone())))
    }
}

/// An exit that has not finished.
pub(crate) struct Running(InnerExits);

impl Drop for Running {
    fn drop(&mut self) {
        let state = &self.0.state;
        state.running.set(state.running.get() - 1);
        if state.running.get() == 0
            && let Some(waker) = state.waker.take()
        {
            waker.wake();
        }
    }
}

/// See [`InnerExits::within`].
#[pin_project(PinnedDrop)]
pub(crate) struct Within<F> {
    #[pin]
    body: Option<F>,
    exits: InnerExits,
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = this.exits.enter();
        let body = this.body.as_pin_mut();
        body.expect("it is there until the drop").poll(context)
    }
}

#[pinned_drop]
impl<F> PinnedDrop for Within<F> {
    fn drop(self: Pin<&mut Self>) {
        let mut this = self.project();
        let _entered = this.exits.enter();
        this.body.set(None);
    }
}

/// The outer ones come back when the poll or the drop ends, also by a panic.
struct Entered(Option<InnerExits>);

impl Drop for Entered {
    fn drop(&mut self) {
        let inner = CURRENT.replace(self.0.take());
        drop(inner);
    }
}
