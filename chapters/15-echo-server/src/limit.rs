//! No more connections than so many, in all workers together.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use slab::Slab;

/// How many connections may be open; every worker holds it. A clone is the same limit.
///
/// It is a semaphore, as small as the server needs it: when a permit is given back, all who wait are
/// woken and try again. There is one for each worker, at most.
#[derive(Debug, Clone)]
pub struct Limit {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    free: usize,
    /// How often a permit was given back that had been used.
    returned: u64,
    /// The wakers of those who wait; `None` from the wake to the next poll.
    waiting: Slab<Option<Waker>>,
}

/// One connection may be open. Dropping it gives the permit back.
#[derive(Debug)]
pub struct Permit {
    shared: Arc<Mutex<Shared>>,
    used: bool,
}

impl Permit {
    /// There is a connection with it. When that one is over, others may find what they could not get:
    /// see [`Limit::returned`].
    pub fn used(&mut self) {
        self.used = true;
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
            shared: Arc::clone(&self.shared),
            used: false,
        })
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

    /// Waits until a permit is given back that was used, by anybody, from now on.
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
        // The wakers are moved out and not cloned: a clone would run caller-supplied code under the lock.
        let woken: Vec<Waker> = {
            let mut shared = lock(&self.shared);
            shared.free += 1;
            shared.returned += u64::from(self.used);
            let wakers = shared.waiting.iter_mut();
            wakers.filter_map(|(_, waker)| waker.take()).collect()
        };
        for waker in woken {
            waker.wake();
        }
    }
}
// ANCHOR_END: returned

/// A place among those who wait; given back when it is dropped.
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
        // In this order: the older waker's destructor may come back to the limit.
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
