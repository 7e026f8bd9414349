//! Futures to hand to code that drives others.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use probe::Run;
use probe::detect::Address;

/// A future that is pending until the test opens it, and the key that opens it.
pub fn gate<T>() -> (Key<T>, Gate<T>) {
    let shared = Arc::new(Mutex::new(Shared {
        value: None,
        waker: None,
        gone: false,
    }));
    (
        Key {
            shared: Arc::clone(&shared),
        },
        Gate { shared },
    )
}

/// Pending until its [`Key`] is turned. It keeps the waker of the newest poll, as a good future does.
#[derive(Debug)]
pub struct Gate<T> {
    shared: Arc<Mutex<Shared<T>>>,
}

/// Opens a [`Gate`].
#[derive(Debug)]
pub struct Key<T> {
    shared: Arc<Mutex<Shared<T>>>,
}

#[derive(Debug)]
struct Shared<T> {
    value: Option<T>,
    waker: Option<Waker>,
    gone: bool,
}

impl<T> Key<T> {
    /// Makes the gate ready, and wakes the task that polled it last.
    pub fn open(&self, value: T) {
        let waker = {
            let mut shared = lock(&self.shared);
            shared.value = Some(value);
            shared.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Wakes the task that polled the gate last, and does not open the gate: a spurious wake.
    pub fn rattle(&self) {
        let waker = lock(&self.shared).waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Whether the gate was dropped.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        lock(&self.shared).gone
    }
}

impl<T> Future for Gate<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut shared = lock(&self.shared);
        match shared.value.take() {
            Some(value) => Poll::Ready(value),
            None => {
                shared.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<T> Drop for Gate<T> {
    fn drop(&mut self) {
        let mut shared = lock(&self.shared);
        shared.gone = true;
        shared.waker = None;
    }
}

fn lock<T>(shared: &Mutex<Shared<T>>) -> MutexGuard<'_, Shared<T>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Pending `times` times, and then ready. Each pending poll wakes its task. The test can cancel a future at each of these polls.
pub fn pending_times<T>(times: usize, value: T) -> PendingTimes<T> {
    PendingTimes {
        times,
        value: Some(value),
    }
}

/// See [`pending_times`].
#[derive(Debug)]
pub struct PendingTimes<T> {
    times: usize,
    value: Option<T>,
}

impl<T: Unpin> Future for PendingTimes<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match self.times.checked_sub(1) {
            Some(times) => {
                self.times = times;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            None => Poll::Ready(self.value.take().expect("polled after it was ready")),
        }
    }
}

/// Ready at the first poll.
pub fn ready<T>(value: T) -> PendingTimes<T> {
    pending_times(0, value)
}

/// A future that must not move once it was polled: it diagnoses `moved-after-pin` if it does.
pub fn anchored<F: Future + Unpin>(run: &Run, future: F) -> Anchored<F> {
    Anchored {
        run: run.clone(),
        address: Address::new(),
        future,
        _pinned: std::marker::PhantomPinned,
    }
}

/// See [`anchored`].
#[derive(Debug)]
pub struct Anchored<F> {
    run: Run,
    address: Address,
    future: F,
    _pinned: std::marker::PhantomPinned,
}

impl<F: Future + Unpin> Future for Anchored<F> {
    type Output = F::Output;

    #[allow(unsafe_code)]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: nothing is moved out of the reference: the address is looked at, and `future` is `Unpin`.
        let this = unsafe { self.get_unchecked_mut() };
        if !this.address.here() {
            this.run.diagnose(
                "moved-after-pin",
                "A future that had been polled was moved to another place, and polled there.",
            );
        }
        Pin::new(&mut this.future).poll(context)
    }
}
