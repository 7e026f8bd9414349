//! The same work, wanted by several callers at the same time, is done once.

// YOURS
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
// YOURS_END
use std::fmt;
use std::future::Future;
use std::hash::Hash;
// YOURS
use std::mem;
// YOURS_END
use std::pin::Pin;
// YOURS
use std::rc::{Rc, Weak};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use slab::Slab;
// STUB: use std::task::{Context, Poll};
// YOURS_END

/// Lets callers that want the same thing at the same time share one piece of work, a *flight*.
///
/// The first [`run`](SingleFlight::run) of a key makes the work. Each further one joins it until it is
/// ready. All callers receive a clone of the output. Once the output is there the key is free again, and the
/// next `run` makes new work: this is no cache, and an error is not kept.
///
/// The callers poll the work; it needs no task of its own. So it makes progress as long as one caller is
/// polled. The poll in which the work is ready wakes the other callers, also if the work has called no waker: a
/// poll without a reason may find it ready.
///
/// `make`, the work, the wakers and all destructors are caller-supplied code. No lock is held and nothing is borrowed
/// while one of them runs: a caller that is woken may poll at once, inside of the waker.
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
    // YOURS
    flights: Rc<Flights<K, V>>,
    // STUB: todo: std::marker::PhantomData<(K, V)>, // Yours to replace.
    // YOURS_END
}
// YOURS

type Flights<K, V> = RefCell<HashMap<K, Weak<Flight<K, V>>>>;
// YOURS_END

impl<K: Hash + Eq + Clone, V: Clone> SingleFlight<K, V> {
    /// No flight yet.
    #[must_use]
    pub fn new() -> SingleFlight<K, V> {
        // YOURS
        SingleFlight {
            flights: Rc::default(),
        }
        // STUB: todo!("no flight yet")
        // YOURS_END
    }

    /// Joins the flight of this key. If there is none, makes one: only then `make` is called. Decides that in
    /// this call, and polls nothing. If `make` panics, there is no flight, and the key stays free. If `make`
    /// calls `run` with the same key, which of the two flights later calls join is left open.
    pub fn run<F>(&self, key: K, make: impl FnOnce() -> F) -> Call<K, V>
    where
        F: Future<Output = V> + 'static,
    {
        // YOURS
        let known = self.flights.borrow().get(&key).and_then(Weak::upgrade);
        let flight = known.unwrap_or_else(|| self.start(key, Box::pin(make())));
        let caller = flight.callers.lock().insert(None);
        Call {
            flight,
            caller: Some(caller),
        }
        // STUB: todo!("is a flight of this key in progress?")
        // YOURS_END
    }
    // YOURS

    fn start(&self, key: K, work: Work<V>) -> Rc<Flight<K, V>> {
        let callers = Arc::<Callers>::default();
        let flight = Rc::new(Flight {
            key: key.clone(),
            flights: Rc::downgrade(&self.flights),
            state: Cell::new(State::Waiting(work)),
            waker: Waker::from(Arc::clone(&callers)),
            callers,
        });
        let before = self
            .flights
            .borrow_mut()
            .insert(key, Rc::downgrade(&flight));
        drop(before);
        flight
    }
    // YOURS_END

    /// How many keys have a flight in progress.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        // YOURS
        self.flights.borrow().len()
        // STUB: todo!("how many?")
        // YOURS_END
    }
}

/// One caller's share in a flight: a future of the output.
///
/// # Cancel safety
///
/// Dropping it leaves the work to the other callers, and from then on only their tasks are woken. Dropping the
/// last one drops the work and frees the key, before the drop returns.
///
/// # Panics
///
/// With what the work panics with, in the call whose poll polled the work. Every other call of that flight is
/// woken and panics when it is polled, with any message; the key is free again. And if it is polled again after it was ready.
#[must_use = "the work is done only while a call is polled"]
pub struct Call<K: Hash + Eq, V> {
    // YOURS
    flight: Rc<Flight<K, V>>,
    /// `None` once it was ready.
    caller: Option<usize>,
    // STUB: todo: std::marker::PhantomData<(K, V)>, // Yours to replace.
    // YOURS_END
}
// YOURS

type Work<V> = Pin<Box<dyn Future<Output = V>>>;

struct Flight<K, V> {
    key: K,
    flights: Weak<Flights<K, V>>,
    state: Cell<State<V>>,
    callers: Arc<Callers>,
    /// Wakes the callers.
    waker: Waker,
}

enum State<V> {
    Waiting(Work<V>),
    /// A call is inside of the work's `poll`.
    Polling,
    Done(Rc<V>),
    Panicked,
}
// YOURS_END

// ANCHOR: poll
impl<K: Hash + Eq, V: Clone> Future for Call<K, V> {
    type Output = V;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<V> {
        // YOURS
        let caller = self.caller.expect("polled after it was ready");
        let flight = Rc::clone(&self.flight);
        // Before the work is polled, because another thread may wake it in the middle of its poll.
        flight.callers.register(caller, context.waker().clone());
        let Some(output) = flight.advance(caller) else {
            return Poll::Pending;
        };
        self.caller = None;
        flight.callers.leave(caller);
        Poll::Ready(V::clone(&output))
        // STUB: todo!("poll the work, or wait for the caller that does")
        // YOURS_END
    }
}
// ANCHOR_END: poll
// YOURS

impl<K: Hash + Eq, V> Flight<K, V> {
    /// Polls the work, unless its output is there.
    fn advance(&self, caller: usize) -> Option<Rc<V>> {
        match self.state.replace(State::Polling) {
            State::Waiting(work) => self.poll(work, caller),
            State::Polling => None,
            State::Done(output) => {
                self.state.set(State::Done(Rc::clone(&output)));
                Some(output)
            }
            State::Panicked => {
                self.state.set(State::Panicked);
                panic!("the shared work panicked");
            }
        }
    }

    fn poll(&self, mut work: Work<V>, caller: usize) -> Option<Rc<V>> {
        // Dropped when the output is there, and when the poll panics.
        let lands = Lands(self);
        match work.as_mut().poll(&mut Context::from_waker(&self.waker)) {
            Poll::Pending => {
                mem::forget(lands);
                self.state.set(State::Waiting(work));
                None
            }
            Poll::Ready(output) => {
                let output = Rc::new(output);
                self.state.set(State::Done(Rc::clone(&output)));
                self.callers.forget(caller);
                drop(lands);
                Some(output)
            }
        }
    }

    // ANCHOR: forget
    /// Frees the key, unless a newer flight has it.
    fn forget(&self) {
        let Some(flights) = self.flights.upgrade() else {
            return;
        };
        let mut map = flights.borrow_mut();
        let own = map
            .get(&self.key)
            .is_some_and(|flight| std::ptr::eq(flight.as_ptr(), self));
        let entry = own.then(|| map.remove_entry(&self.key));
        drop(map);
        drop(entry);
    }
    // ANCHOR_END: forget
}

/// Ends a flight when it is dropped: frees the key and wakes the other callers.
struct Lands<'a, K: Hash + Eq, V>(&'a Flight<K, V>);

impl<K: Hash + Eq, V> Drop for Lands<'_, K, V> {
    fn drop(&mut self) {
        match self.0.state.replace(State::Panicked) {
            State::Polling => {}
            state => self.0.state.set(state),
        }
        self.0.forget();
        self.0.waker.wake_by_ref();
    }
}

impl<K: Hash + Eq, V> Drop for Call<K, V> {
    fn drop(&mut self) {
        if let Some(caller) = self.caller {
            self.flight.callers.leave(caller);
        }
        if Rc::strong_count(&self.flight) == 1 {
            self.flight.forget();
        }
    }
}

/// The wakers of the callers that wait. The work may call them from any thread.
#[derive(Default)]
struct Callers(Mutex<Slab<Option<Waker>>>);

impl Callers {
    fn register(&self, caller: usize, waker: Waker) {
        let before = self.lock()[caller].replace(waker);
        drop(before);
    }

    /// This caller has the output, and need not be woken.
    fn forget(&self, caller: usize) {
        let waker = self.lock()[caller].take();
        drop(waker);
    }

    fn leave(&self, caller: usize) {
        let waker = self.lock().remove(caller);
        drop(waker);
    }

    fn lock(&self) -> MutexGuard<'_, Slab<Option<Waker>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Callers {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let wakers: Vec<Waker> = {
            let mut callers = self.lock();
            callers
                .iter_mut()
                .filter_map(|(_, waker)| waker.take())
                .collect()
        };
        wakers.into_iter().for_each(Waker::wake);
    }
}
// YOURS_END

/// A clone is the same set of flights.
impl<K, V> Clone for SingleFlight<K, V> {
    fn clone(&self) -> SingleFlight<K, V> {
        // YOURS
        SingleFlight {
            flights: Rc::clone(&self.flights),
        }
        // STUB: todo!("the same flights")
        // YOURS_END
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
