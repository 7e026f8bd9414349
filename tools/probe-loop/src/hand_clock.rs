//! A clock that a check moves, small enough to be made ten thousand times.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use event_loop::{Time, Timer};

/// A [`Timer`] without a loop: its time passes in [`advance`](HandClock::advance) and nowhere else. It counts its sleeps.
///
/// A sleep is ready when the clock shows its time, or, as on a loop, when the clock was advanced after its first poll: see
/// [`like_a_loop`](HandClock::like_a_loop). Clones are the same clock.
#[derive(Clone, Default)]
pub struct HandClock(Rc<Inner>);

#[derive(Default)]
struct Inner {
    now: Cell<Time>,
    like_a_loop: bool,
    made: Cell<usize>,
    alive: Cell<usize>,
    naps: RefCell<Vec<Weak<State>>>,
}

struct State {
    when: Time,
    /// Whether it was polled: only then it is a timer that can fire.
    set: Cell<bool>,
    fired: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl HandClock {
    /// A clock that shows this time. Its sleeps look at it in each poll.
    #[must_use]
    pub fn at(now: Time) -> HandClock {
        HandClock(Rc::new(Inner {
            now: Cell::new(now),
            ..Inner::default()
        }))
    }

    /// A clock whose sleeps are never ready in their first poll, as those of a loop: the first poll sets the timer, and a later
    /// `advance` fires it, by zero at least.
    #[must_use]
    pub fn like_a_loop(now: Time) -> HandClock {
        HandClock(Rc::new(Inner {
            now: Cell::new(now),
            like_a_loop: true,
            ..Inner::default()
        }))
    }

    /// Lets time pass, and then wakes the task of each sleep whose time has come, in the order in which the sleeps were made.
    pub fn advance(&self, duration: Duration) {
        let inner = &self.0;
        inner.now.set(inner.now.get() + duration);
        inner.naps.borrow_mut().retain(|nap| nap.strong_count() > 0);
        let naps: Vec<_> = (inner.naps.borrow().iter().filter_map(Weak::upgrade)).collect();
        for nap in naps {
            let is_due = nap.set.get() && nap.when <= inner.now.get();
            if is_due
                && !nap.fired.replace(true)
                && let Some(waker) = nap.waker.take()
            {
                waker.wake();
            }
        }
    }

    /// How many sleeps were made so far.
    #[must_use]
    pub fn made(&self) -> usize {
        self.0.made.get()
    }

    /// How many of them are not dropped.
    #[must_use]
    pub fn alive(&self) -> usize {
        self.0.alive.get()
    }
}

impl Timer for HandClock {
    type Sleep = HandNap;

    fn now(&self) -> Time {
        self.0.now.get()
    }

    fn sleep_until(&self, when: Time) -> HandNap {
        let inner = &self.0;
        inner.made.set(inner.made.get() + 1);
        inner.alive.set(inner.alive.get() + 1);
        let state = Rc::new(State {
            when,
            set: Cell::new(false),
            fired: Cell::new(false),
            waker: Cell::new(None),
        });
        inner.naps.borrow_mut().push(Rc::downgrade(&state));
        HandNap {
            state,
            clock: self.clone(),
        }
    }
}

/// The sleep of a [`HandClock`].
#[must_use = "a future does nothing unless it is polled"]
pub struct HandNap {
    state: Rc<State>,
    clock: HandClock,
}

impl Future for HandNap {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let (state, clock) = (&self.state, &self.clock.0);
        let shows_it = !clock.like_a_loop && state.when <= clock.now.get();
        if shows_it || state.fired.get() {
            return Poll::Ready(());
        }
        state.set.set(true);
        let _older = state.waker.replace(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for HandNap {
    fn drop(&mut self) {
        let alive = &self.clock.0.alive;
        alive.set(alive.get() - 1);
    }
}

impl fmt::Debug for HandClock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "HandClock({})", self.0.now.get())
    }
}

impl fmt::Debug for HandNap {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "HandNap({})", self.state.when)
    }
}
