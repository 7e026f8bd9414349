//! The ring sets a flag under the same lock as the waker, so a poll never asks the clock twice.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub trait Clock {
    fn now(&self) -> Duration;

    fn call_at(&self, when: Duration, ring: Box<dyn FnOnce() + Send>);
}

#[derive(Default)]
struct Bell {
    rang: bool,
    sleeper: Option<Waker>,
}

#[must_use = "an alarm does nothing until it is polled"]
pub struct Alarm<C> {
    _clock: C,
    bell: Arc<Mutex<Bell>>,
}

fn locked(bell: &Mutex<Bell>) -> MutexGuard<'_, Bell> {
    bell.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<C: Clock> Alarm<C> {
    pub fn new(clock: C, when: Duration) -> Alarm<C> {
        let bell = Arc::new(Mutex::new(Bell::default()));
        let rung = Arc::clone(&bell);
        let ring = move || {
            let sleeper = {
                let mut bell = locked(&rung);
                bell.rang = true;
                bell.sleeper.take()
            };
            if let Some(waker) = sleeper {
                waker.wake();
            }
        };
        clock.call_at(when, Box::new(ring));
        Alarm {
            _clock: clock,
            bell,
        }
    }
}

impl<C: Clock + Unpin> Future for Alarm<C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let waker = context.waker().clone();
        let (polled, _older) = {
            let mut bell = locked(&self.bell);
            if bell.rang {
                (Poll::Ready(()), Some(waker))
            } else {
                (Poll::Pending, bell.sleeper.replace(waker))
            }
        };
        polled
    }
}

impl<C> Drop for Alarm<C> {
    fn drop(&mut self) {
        let _older = locked(&self.bell).sleeper.take();
    }
}
