//! A limit on open connections, in all workers together.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use slab::Slab;

/// A semaphore that limits open connections. Every worker holds a clone of the same limit.
///
/// When a permit is returned, all waiting tasks are woken and try again. At most one task of each worker
/// waits, so few are woken for nothing. The semaphores of chapter 08 hand a permit to the task that has
/// waited longest instead: its `SharedSemaphore` is the general form of this limit.
#[derive(Debug, Clone)]
pub struct Limit {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    free: usize,
    /// How often a used permit was returned.
    returned: u64,
    /// The wakers of the waiting tasks. `None` from the wake to the next poll.
    waiting: Slab<Option<Waker>>,
}

/// Allows one connection to be open. Dropping it returns the permit.
#[derive(Debug)]
pub struct Permit {
    /// `None` after [`keep`](Permit::keep).
    shared: Option<Arc<Mutex<Shared>>>,
    used: bool,
}

impl Permit {
    /// Marks the permit as used by a connection. When that connection ends, it also frees a descriptor:
    /// see [`Limit::returned`].
    pub fn used(&mut self) {
        self.used = true;
    }

    /// Keeps the permit taken without this value, until [`Limit::give_back`] returns it. A connection that knows its
    /// worker, and with it the limit, so saves these 16 bytes.
    pub fn keep(mut self) {
        self.shared = None;
    }
}

impl Limit {
    /// A limit of `permits` open connections.
    #[must_use]
    pub fn new(permits: usize) -> Limit {
        let shared = Shared {
            free: permits,
            returned: 0,
            waiting: Slab::new(),
        };
        Limit {
            shared: Arc::new(Mutex::new(shared)),
        }
    }

    /// Takes a permit, if one is free.
    #[must_use]
    pub fn try_acquire(&self) -> Option<Permit> {
        let mut shared = lock(&self.shared);
        shared.free = shared.free.checked_sub(1)?;
        Some(Permit {
            shared: Some(Arc::clone(&self.shared)),
            used: false,
        })
    }

    /// Returns a used permit that was [kept](Permit::keep).
    pub fn give_back(&self) {
        give_back(&self.shared, true);
    }

    // ANCHOR: acquire
    /// Waits for a permit, and takes it.
    ///
    /// # Cancel safety
    ///
    /// No permit is lost if this is dropped.
    pub async fn acquire(&self) -> Permit {
        let mut wait = Wait::new(self);
        poll_fn(|context| {
            // Register the waker first, then look: a permit that is returned in between is not missed.
            wait.register(context);
            self.try_acquire().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
    // ANCHOR_END: acquire

    /// Waits until any worker returns a used permit, from now on.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves nothing behind.
    pub async fn returned(&self) {
        let before = lock(&self.shared).returned;
        let mut wait = Wait::new(self);
        poll_fn(|context| {
            wait.register(context);
            if lock(&self.shared).returned == before {
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }
}

// ANCHOR: returned
impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(shared) = &self.shared {
            give_back(shared, self.used);
        }
    }
}

fn give_back(shared: &Mutex<Shared>, used: bool) {
    // The wakers are moved out and not cloned: a clone would run caller-supplied code under the lock.
    let woken: Vec<Waker> = {
        let mut shared = lock(shared);
        shared.free += 1;
        shared.returned += u64::from(used);
        let wakers = shared.waiting.iter_mut();
        wakers.filter_map(|(_, waker)| waker.take()).collect()
    };
    for waker in woken {
        waker.wake();
    }
}
// ANCHOR_END: returned

/// A slot among the waiting tasks. Dropping it frees the slot.
struct Wait<'a> {
    limit: &'a Limit,
    place: Option<usize>,
}

impl<'a> Wait<'a> {
    fn new(limit: &'a Limit) -> Wait<'a> {
        Wait { limit, place: None }
    }

    fn register(&mut self, context: &Context<'_>) {
        let waker = Some(context.waker().clone());
        let mut shared = lock(&self.limit.shared);
        let older = match self.place {
            Some(place) => std::mem::replace(&mut shared.waiting[place], waker),
            None => {
                self.place = Some(shared.waiting.insert(waker));
                None
            }
        };
        // In this order: the older waker's destructor may use the limit again.
        drop(shared);
        drop(older);
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            let _waker = lock(&self.limit.shared).waiting.remove(place);
        }
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::Wake;

    use super::*;

    /// A waker that uses the limit when it is called and when it is dropped.
    struct ComesBack(Limit);

    impl Wake for ComesBack {
        fn wake(self: Arc<Self>) {
            drop(self.0.try_acquire());
        }
    }

    impl Drop for ComesBack {
        fn drop(&mut self) {
            drop(self.0.try_acquire());
        }
    }

    #[test]
    fn a_waker_may_use_the_limit_when_it_is_replaced_called_or_dropped() {
        let limit = Limit::new(1);
        let permit = limit.try_acquire().unwrap();
        let waker = || Waker::from(Arc::new(ComesBack(limit.clone())));
        {
            let mut acquire = pin!(limit.acquire());
            for _ in 0..2 {
                let polled = acquire.as_mut().poll(&mut Context::from_waker(&waker()));
                assert!(polled.is_pending());
            }
            drop(permit);
            assert!(
                acquire
                    .as_mut()
                    .poll(&mut Context::from_waker(&waker()))
                    .is_ready()
            );
        }
        assert!(limit.try_acquire().is_some());
    }
}
