//! A value that somebody will give.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use cancellation::{Answer, InvalidState, Operation, State};
use event_loop::Spawn;
use slab::Slab;

/// A value that somebody will give, or an error, or a cancellation: what asyncio calls a `Future` and
/// Twisted a `Deferred`. A clone is the same promise.
///
/// Unlike a Rust future it is no computation, and nothing drives it: it is a place, with a state, and
/// with a list of those who want to be told. What each operation does in each state is the table of
/// [`State::step`].
///
/// If it ends with an error that nobody ever asks for, that is reported when the last clone is dropped:
/// see [`Spawn::report`].
pub struct Promise<T> {
    shared: Rc<Shared<T>>,
}

/// How a promise ends.
pub type Outcome<T> = Result<T, Failure>;

/// Why there is no value.
#[derive(Debug, Clone)]
pub enum Failure {
    /// Whoever had to give it has failed.
    Error(Rc<dyn Error>),
    /// Somebody has given it up.
    Cancelled,
}

/// Which callback: see [`Promise::on_done`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallbackKey {
    number: u64,
}

struct Shared<T> {
    state: RefCell<State<Outcome<T>>>,
    callbacks: RefCell<Vec<(CallbackKey, Callback<T>)>>,
    waiters: RefCell<Slab<Waker>>,
    numbers: Cell<u64>,
    retrieved: Cell<bool>,
    spawn: Rc<dyn Spawn>,
}

type Callback<T> = Box<dyn FnOnce(Outcome<T>)>;

impl<T: Clone + 'static> Promise<T> {
    /// A promise that nobody has begun to keep. Its callbacks will be called by this loop.
    #[must_use]
    pub fn new(spawn: Rc<dyn Spawn>) -> Promise<T> {
        let shared = Shared {
            state: RefCell::new(State::Pending),
            callbacks: RefCell::default(),
            waiters: RefCell::default(),
            numbers: Cell::new(0),
            retrieved: Cell::new(false),
            spawn,
        };
        Promise {
            shared: Rc::new(shared),
        }
    }

    /// Says that somebody begins to work on it: from now on it cannot be cancelled. Returns `false` if
    /// it has been, and nobody need begin.
    ///
    /// # Errors
    ///
    /// If somebody has begun before, or it is done.
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
        self.finish(Err(Failure::Error(Rc::from(error.into()))))
    }

    /// Ends it with this outcome, which may also be a cancellation.
    ///
    /// # Errors
    ///
    /// If it is done or cancelled.
    pub(crate) fn finish(&self, outcome: Outcome<T>) -> Result<(), InvalidState> {
        match self.shared.step(Operation::Finish(outcome)) {
            Answer::Invalid(invalid) => Err(invalid),
            _ => {
                self.shared.tell_all();
                Ok(())
            }
        }
    }

    /// Gives it up. Returns `false`, and nothing happens, if somebody works on it or it is over.
    pub fn cancel(&self) -> bool {
        let cancelled = self.shared.step(Operation::Cancel) == Answer::Changed;
        if cancelled {
            self.shared.tell_all();
        }
        cancelled
    }

    /// How it ended.
    ///
    /// # Errors
    ///
    /// If it has not.
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

    /// Calls `callback` with the outcome when it is over; if it is already, then soon. Callbacks are
    /// called by the loop, in the order in which they were added, and never before this returns.
    ///
    /// An outcome that has gone to a callback counts as asked for.
    pub fn on_done(&self, callback: impl FnOnce(Outcome<T>) + 'static) -> CallbackKey {
        let key = CallbackKey {
            number: self.shared.numbers.get(),
        };
        self.shared.numbers.set(key.number + 1);
        let mut callbacks = self.shared.callbacks.borrow_mut();
        callbacks.push((key, Box::new(callback)));
        drop(callbacks);
        if self.shared.step(Operation::Tell) == Answer::Now {
            self.shared.call_soon();
        }
        key
    }

    /// Takes a callback back. Returns `false` if it is on its way, or was taken back before.
    pub fn remove_callback(&self, key: CallbackKey) -> bool {
        let mut callbacks = self.shared.callbacks.borrow_mut();
        let index = callbacks.iter().position(|(other, _)| *other == key);
        let removed = index.map(|index| callbacks.remove(index));
        drop(callbacks);
        removed.is_some()
    }

    /// A future that is ready when the promise is over. Several may wait for one promise.
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
    fn step(&self, operation: Operation<Outcome<T>>) -> Answer {
        self.state.borrow_mut().step(operation)
    }

    /// The outcome, if there is one. It counts as asked for from now on.
    fn retrieve(&self) -> Option<Outcome<T>> {
        let outcome = match &*self.state.borrow() {
            State::Pending | State::Running => return None,
            State::Done(outcome) => outcome.clone(),
            State::Cancelled => Err(Failure::Cancelled),
        };
        self.retrieved.set(true);
        Some(outcome)
    }

    fn tell_all(&self) {
        let waiters = self.waiters.take();
        for (_, waker) in waiters {
            waker.wake();
        }
        self.call_soon();
    }

    /// Has the loop call every callback that is there, in order, each on its own: a panic in one does
    /// not keep the others from theirs.
    fn call_soon(&self) {
        for (_, callback) in self.callbacks.take() {
            let Some(outcome) = self.retrieve() else {
                return;
            };
            self.spawn
                .spawn_boxed(Box::pin(async move { callback(outcome) }));
        }
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        let state = self.state.get_mut();
        if let (State::Done(Err(Failure::Error(error))), false) = (state, self.retrieved.get()) {
            let problem =
                format!("a promise ended with an error, and nobody asked for it: {error}");
            self.spawn.report(&problem);
        }
    }
}

/// A future that is ready when a promise is over. See [`Promise::wait`].
///
/// # Cancel safety
///
/// Dropping it changes nothing for the promise: it is not cancelled by that, and the outcome stays
/// where it is.
#[must_use = "a future does nothing until it is polled"]
pub struct Wait<T> {
    promise: Promise<T>,
    /// Where this one's waker is kept.
    place: Option<usize>,
}

impl<T: Clone + 'static> Future for Wait<T> {
    type Output = Outcome<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome<T>> {
        if let Some(outcome) = self.promise.shared.retrieve() {
            self.place = None; // All wakers were taken out when it ended.
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

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Error(error) => error.fmt(out),
            Failure::Cancelled => out.write_str("cancelled"),
        }
    }
}
