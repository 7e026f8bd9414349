//! The same work, wanted by several callers at the same time, is done once.

use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::task::{Context, Poll};

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
    todo: std::marker::PhantomData<(K, V)>, // Yours to replace.
}

impl<K: Hash + Eq + Clone, V: Clone> SingleFlight<K, V> {
    /// No flight yet.
    #[must_use]
    pub fn new() -> SingleFlight<K, V> {
        todo!("no flight yet")
    }

    /// Joins the flight of this key. If there is none, makes one: only then `make` is called. Decides that in
    /// this call, and polls nothing. If `make` panics, there is no flight, and the key stays free. If `make`
    /// calls `run` with the same key, which of the two flights later calls join is left open.
    pub fn run<F>(&self, key: K, make: impl FnOnce() -> F) -> Call<K, V>
    where
        F: Future<Output = V> + 'static,
    {
        todo!("is a flight of this key in progress?")
    }

    /// How many keys have a flight in progress.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        todo!("how many?")
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
    todo: std::marker::PhantomData<(K, V)>, // Yours to replace.
}

impl<K: Hash + Eq, V: Clone> Future for Call<K, V> {
    type Output = V;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<V> {
        todo!("poll the work, or wait for the caller that does")
    }
}

/// A clone is the same set of flights.
impl<K, V> Clone for SingleFlight<K, V> {
    fn clone(&self) -> SingleFlight<K, V> {
        todo!("the same flights")
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
