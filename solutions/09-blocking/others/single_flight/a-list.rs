//! The flights are a list, and each call has a waker of its own.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::task::{Wake, Waker};

/// Lets callers that want the same thing at the same time share one piece of work, a *flight*.
///
/// The first [`run`](SingleFlight::run) of a key makes the work. Each further one joins it until it is
/// ready. All callers receive a clone of the output. Once the output is there the key is free again, and the
/// next `run` makes new work: this is no cache, and an error is not kept.
///
/// The callers poll the work; it needs no task of its own. So it makes progress as long as one caller is
/// polled.
///
/// ```
/// use blocking::SingleFlight;
/// use futures::future::join;
///
/// let flights = SingleFlight::new();
/// let first = flights.run("localhost", || async { 127 });
/// let second = flights.run("localhost", || -> std::future::Ready<u32> { unreachable!() });
/// assert_eq!(wakers::block_on(join(first, second)), (127, 127));
/// ```
pub struct SingleFlight<K, V> {
    flights: Flights<K, V>,
}

impl<K: Hash + Eq + Clone, V: Clone> SingleFlight<K, V> {
    /// No flight yet.
    #[must_use]
    pub fn new() -> SingleFlight<K, V> {
        SingleFlight {
            flights: Rc::default(),
        }
    }

    /// Joins the flight of this key. If there is none, makes one: only then `make` is called. Decides that in
    /// this call, and polls nothing.
    pub fn run<F>(&self, key: K, make: impl FnOnce() -> F) -> Call<K, V>
    where
        F: Future<Output = V> + 'static,
    {
        let found = self
            .flights
            .borrow()
            .iter()
            .find(|flight| flight.key == key)
            .cloned();
        let flight = match found {
            Some(flight) => flight,
            None => {
                let work = Box::pin(make());
                let flight = Rc::new(Flight {
                    key: key.clone(),
                    state: RefCell::new(State::Work(work)),
                    all: Arc::default(),
                    calls: Cell::new(0),
                    next: Cell::new(0),
                });
                self.flights.borrow_mut().retain(|other| other.key != key);
                self.flights.borrow_mut().push(Rc::clone(&flight));
                flight
            }
        };
        flight.calls.set(flight.calls.get() + 1);
        let number = flight.next.get();
        flight.next.set(number + 1);
        Call {
            flights: Rc::clone(&self.flights),
            flight,
            number,
            done: false,
        }
    }

    /// How many keys have a flight in progress.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.flights.borrow().len()
    }
}

/// One caller's share in a flight: a future of the output.
///
/// # Cancel safety
///
/// Dropping it leaves the work to the other callers. Dropping the last one drops the work and frees the
/// key, before the drop returns.
///
/// # Panics
///
/// With what the work panics with, in the call whose poll polled the work. Every other call of that flight is
/// woken and panics when it is polled; the key is free again. And if it is polled again after it was ready.
#[must_use = "the work is done only while a call is polled"]
pub struct Call<K: Hash + Eq, V> {
    flights: Flights<K, V>,
    flight: Rc<Flight<K, V>>,
    number: u64,
    done: bool,
}

impl<K: Hash + Eq, V: Clone> Future for Call<K, V> {
    type Output = V;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<V> {
        let call = &mut *self;
        assert!(!call.done, "polled again after it was ready");
        let flight = Rc::clone(&call.flight);
        flight.all.store(call.number, context.waker());
        let state = flight.state.replace(State::Polled);
        match state {
            State::Polled => Poll::Pending,
            State::Failed => {
                flight.state.replace(State::Failed);
                call.done = true;
                panic!("the work of this flight panicked");
            }
            State::Done(value) => {
                let copy = value.clone();
                flight.state.replace(State::Done(value));
                call.done = true;
                Poll::Ready(copy)
            }
            State::Work(mut work) => {
                let waker = Waker::from(Arc::clone(&flight.all));
                let polled = catch_unwind(AssertUnwindSafe(|| {
                    work.as_mut().poll(&mut Context::from_waker(&waker))
                }));
                match polled {
                    Ok(Poll::Pending) => {
                        flight.state.replace(State::Work(work));
                        Poll::Pending
                    }
                    Ok(Poll::Ready(value)) => {
                        call.done = true;
                        forget(&call.flights, &flight);
                        flight.state.replace(State::Done(value.clone()));
                        flight.all.remove(call.number);
                        flight.all.wake_by_ref();
                        drop(work);
                        Poll::Ready(value)
                    }
                    Err(panic) => {
                        call.done = true;
                        forget(&call.flights, &flight);
                        flight.state.replace(State::Failed);
                        flight.all.remove(call.number);
                        flight.all.wake_by_ref();
                        drop(work);
                        resume_unwind(panic)
                    }
                }
            }
        }
    }
}

/// A clone is the same set of flights.
impl<K, V> Clone for SingleFlight<K, V> {
    fn clone(&self) -> SingleFlight<K, V> {
        SingleFlight {
            flights: Rc::clone(&self.flights),
        }
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Default for SingleFlight<K, V> {
    fn default() -> SingleFlight<K, V> {
        SingleFlight::new()
    }
}

impl<K: Hash + Eq + Clone, V: Clone> fmt::Debug for SingleFlight<K, V> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SingleFlight")
            .field("in_flight", &self.in_flight())
            .finish()
    }
}

impl<K: Hash + Eq, V> fmt::Debug for Call<K, V> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Call")
    }
}

impl<K: Hash + Eq, V> Drop for Call<K, V> {
    fn drop(&mut self) {
        let flight = &self.flight;
        flight.all.remove(self.number);
        flight.calls.set(flight.calls.get() - 1);
        if flight.calls.get() == 0 {
            forget(&self.flights, flight);
            let state = flight.state.replace(State::Failed);
            drop(state);
        }
    }
}

type Flights<K, V> = Rc<RefCell<Vec<Rc<Flight<K, V>>>>>;

struct Flight<K, V> {
    key: K,
    state: RefCell<State<V>>,
    all: Arc<All>,
    calls: Cell<usize>,
    next: Cell<u64>,
}

enum State<V> {
    Work(Pin<Box<dyn Future<Output = V>>>),
    Polled,
    Done(V),
    Failed,
}

/// Frees the key, if it is this flight's.
fn forget<K: Hash + Eq, V>(flights: &Flights<K, V>, flight: &Rc<Flight<K, V>>) {
    let at = flights
        .borrow()
        .iter()
        .position(|other| Rc::ptr_eq(other, flight));
    if let Some(at) = at {
        let removed = flights.borrow_mut().swap_remove(at);
        drop(removed);
    }
}

#[derive(Default)]
struct All {
    wakers: Mutex<HashMap<u64, Waker>>,
}

impl All {
    fn store(&self, number: u64, waker: &Waker) {
        let waker = waker.clone();
        let old = self.wakers.lock().unwrap().insert(number, waker);
        drop(old);
    }
    fn remove(&self, number: u64) {
        let old = self.wakers.lock().unwrap().remove(&number);
        drop(old);
    }
}

impl Wake for All {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }
    fn wake_by_ref(self: &Arc<Self>) {
        let wakers: Vec<Waker> = self.wakers.lock().unwrap().values().cloned().collect();
        for waker in wakers {
            waker.wake();
        }
    }
}
