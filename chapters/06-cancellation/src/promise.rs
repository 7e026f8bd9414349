//! A value that is supplied later.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use cancellation::{
    Answer, CallbackKey, Callbacks, Failure, InvalidState, Kept, Operation, Outcome, State,
};
use event_loop::Spawn;
use slab::Slab;

/// A value, an error or a cancellation that comes later: what asyncio calls a `Future`
/// and Twisted a `Deferred`. A clone is the same promise.
///
/// Unlike a Rust future it is no computation, and no executor polls it. It has a state, a list of
/// callbacks and a list of wakers. What each operation does in each state is the
/// table of [`State::step`].
///
/// ```
/// use std::rc::Rc;
/// use cancellation::Promise;
/// use event_loop::EventLoop;
///
/// let event_loop = EventLoop::new();
/// let price: Promise<u32> = Promise::new(Rc::new(event_loop.handle()));
/// let doubled = price.and_then(|price| Ok(2 * price));
/// price.resolve(21).unwrap();
/// assert!(price.resolve(22).is_err());
/// assert_eq!(event_loop.block_on(doubled.wait()).ok(), Some(42));
/// ```
///
/// If it ends with an error that is never retrieved, that is reported when the last clone is
/// dropped: see [`Kept`].
pub struct Promise<T> {
    shared: Rc<Shared<T>>,
}

// ANCHOR: shared
struct Shared<T> {
    state: RefCell<State<Kept<T>>>,
    callbacks: Callbacks<Outcome<T>>,
    waiters: RefCell<Slab<Waker>>,
    spawn: Rc<dyn Spawn>,
}
// ANCHOR_END: shared

impl<T: Clone + 'static> Promise<T> {
    /// A pending promise. This loop will call its callbacks.
    #[must_use]
    pub fn new(spawn: Rc<dyn Spawn>) -> Promise<T> {
        let shared = Shared {
            state: RefCell::new(State::Pending),
            callbacks: Callbacks::new(Rc::clone(&spawn)),
            waiters: RefCell::default(),
            spawn,
        };
        Promise {
            shared: Rc::new(shared),
        }
    }

    /// The worker starts: from now on the promise cannot be cancelled. Returns `false` if it was
    /// cancelled before, and there is no work to do.
    ///
    /// # Errors
    ///
    /// If a worker has started before, or the promise is done.
    pub fn start(&self) -> Result<bool, InvalidState> {
        match self.shared.step(Operation::Start) {
            Answer::Invalid(invalid) => Err(invalid),
            answer => Ok(answer == Answer::Changed),
        }
    }

    /// Gives the value.
    ///
    /// # Errors
    ///
    /// If it is done or cancelled.
    pub fn resolve(&self, value: T) -> Result<(), InvalidState> {
        self.finish(Ok(value))
    }

    /// Gives an error in place of the value.
    ///
    /// # Errors
    ///
    /// If it is done or cancelled.
    pub fn reject(&self, error: impl Into<Box<dyn Error>>) -> Result<(), InvalidState> {
        self.finish(Err(Failure::error(error)))
    }

    /// Completes it with this outcome: a value, an error, or a cancellation.
    ///
    /// # Errors
    ///
    /// If it is done or cancelled.
    pub fn finish(&self, outcome: Outcome<T>) -> Result<(), InvalidState> {
        if matches!(outcome, Err(Failure::Cancelled)) && self.cancel() {
            return Ok(());
        }
        let kept = Kept::new(outcome, self.spawner());
        // This clone stays here, so that an outcome which is refused is dropped when nothing is
        // borrowed: its destructor is caller-supplied code.
        match self.shared.step(Operation::Finish(kept.clone())) {
            Answer::Invalid(invalid) => {
                let _refused = kept.retrieve(); // The caller learns of it from the error.
                Err(invalid)
            }
            _ => {
                self.shared.tell_all();
                Ok(())
            }
        }
    }

    /// Cancels it. Returns `false`, and does nothing, if a worker has started or the promise is final.
    pub fn cancel(&self) -> bool {
        let cancelled = self.shared.step(Operation::Cancel) == Answer::Changed;
        if cancelled {
            self.shared.tell_all();
        }
        cancelled
    }

    /// The outcome, which counts as retrieved from now on.
    ///
    /// # Errors
    ///
    /// If there is none yet.
    pub fn outcome(&self) -> Result<Outcome<T>, InvalidState> {
        match self.shared.step(Operation::Ask) {
            Answer::Invalid(invalid) => Err(invalid),
            _ => Ok(self.shared.retrieve().expect("it is over")),
        }
    }

    /// What it is: "pending", "running", "done" or "cancelled".
    #[must_use]
    pub fn state(&self) -> &'static str {
        self.shared.state.borrow().name()
    }

    /// Has the loop call `callback` with the outcome: when there is one, and if there is one
    /// already, in one of the next iterations. The loop calls callbacks in the order in which they
    /// were added, and never before `on_done` returns.
    ///
    /// An outcome that went to a callback counts as retrieved.
    pub fn on_done(&self, callback: impl FnOnce(Outcome<T>) + 'static) -> CallbackKey {
        let key = self.shared.callbacks.add(callback);
        if self.shared.step(Operation::Tell) == Answer::Now {
            self.shared.call_soon();
        }
        key
    }

    /// Removes a callback. Returns `false` if it was sent to the loop or removed before.
    pub fn remove_callback(&self, key: CallbackKey) -> bool {
        self.shared.callbacks.remove(key)
    }

    /// A future of the outcome. Several tasks may wait for one promise.
    pub fn wait(&self) -> Wait<T> {
        Wait {
            promise: self.clone(),
            place: None,
        }
    }

    pub(crate) fn spawner(&self) -> Rc<dyn Spawn> {
        Rc::clone(&self.shared.spawn)
    }
}

impl<T> Clone for Promise<T> {
    fn clone(&self) -> Promise<T> {
        Promise {
            shared: Rc::clone(&self.shared),
        }
    }
}

impl<T: Clone + 'static> Shared<T> {
    fn step(&self, operation: Operation<Kept<T>>) -> Answer {
        self.state.borrow_mut().step(operation)
    }

    /// The outcome, if there is one. It counts as retrieved from now on.
    fn retrieve(&self) -> Option<Outcome<T>> {
        let kept = match &*self.state.borrow() {
            State::Pending | State::Running => return None,
            State::Done(kept) => kept.clone(),
            State::Cancelled => return Some(Err(Failure::Cancelled)),
        };
        Some(kept.retrieve())
    }

    // ANCHOR: tell_all
    fn tell_all(&self) {
        let waiters = self.waiters.take();
        for (_, waker) in waiters {
            waker.wake();
        }
        self.call_soon();
    }

    fn call_soon(&self) {
        if self.callbacks.is_empty() {
            return; // There is no callback.
        }
        if let Some(outcome) = self.retrieve() {
            self.callbacks.call(&outcome);
        }
    }
    // ANCHOR_END: tell_all
}

/// A future of a promise's outcome. See [`Promise::wait`].
///
/// # Cancel safety
///
/// Dropping it changes nothing for the promise: it is not cancelled, and its outcome is not lost.
#[must_use = "a future does nothing until it is polled"]
pub struct Wait<T> {
    promise: Promise<T>,
    /// The slot of this future's waker.
    place: Option<usize>,
}

impl<T: Clone + 'static> Future for Wait<T> {
    type Output = Outcome<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome<T>> {
        if let Some(outcome) = self.promise.shared.retrieve() {
            self.place = None; // All wakers were taken out when the promise completed.
            return Poll::Ready(outcome);
        }
        let waker = context.waker().clone();
        let mut waiters = self.promise.shared.waiters.borrow_mut();
        let older = match self.place.and_then(|place| waiters.get_mut(place)) {
            Some(kept) => Some(std::mem::replace(kept, waker)),
            None => {
                let place = waiters.insert(waker);
                drop(waiters);
                self.place = Some(place);
                return Poll::Pending;
            }
        };
        drop(waiters);
        drop(older);
        Poll::Pending
    }
}

impl<T> Drop for Wait<T> {
    fn drop(&mut self) {
        let Some(place) = self.place else { return };
        let waker = self.promise.shared.waiters.borrow_mut().try_remove(place);
        drop(waker);
    }
}

impl<T> fmt::Debug for Promise<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.shared.state.borrow().name();
        out.debug_tuple("Promise").field(&state).finish()
    }
}

impl<T> fmt::Debug for Wait<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Wait").field(&self.promise).finish()
    }
}
