//! Wakes for which there is no reason.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Waker;

/// Keeps the waker with which a future was polled last, so that a check can wake its task. Clones are the same.
///
/// Around a task of a loop, it has the task polled although nothing has happened. Around the work that a check hands to the code
/// under test, it lets the check say when that work wakes.
///
/// ```
/// use std::future::pending;
/// use std::pin::pin;
///
/// use probe_futures::{LatestWaker, poller};
///
/// # fn main() {
/// let run = probe::run!();
/// let (a, b) = (poller(run.recorder(), "A"), poller(run.recorder(), "B"));
/// let latest = LatestWaker::default();
/// assert!(!latest.wake(), "nothing was polled");
/// let mut work = pin!(latest.of(pending::<()>()));
/// let _pending = (a.poll(work.as_mut()), b.poll(work.as_mut()));
/// assert!(latest.wake());
/// assert_eq!((a.wakes(), b.wakes()), (0, 1));
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct LatestWaker(Rc<RefCell<Option<Waker>>>);

impl LatestWaker {
    /// The future, which notes the waker of each poll here before it is polled.
    pub fn of<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        let latest = self.clone();
        async move {
            let mut future = pin!(future);
            poll_fn(|context| {
                latest.note(context.waker());
                future.as_mut().poll(context)
            })
            .await
        }
    }

    /// Keeps a clone of this waker in place of an older one. For a poll that the check writes by hand.
    pub fn note(&self, waker: &Waker) {
        let older = self.0.replace(Some(waker.clone()));
        drop(older); // Nothing is borrowed: its destructor may call caller-supplied code.
    }

    /// Wakes the task of the latest poll. Returns whether there was a poll.
    pub fn wake(&self) -> bool {
        let waker = self.0.borrow().clone();
        waker.map(Waker::wake).is_some()
    }
}
