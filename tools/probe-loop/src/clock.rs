//! A clock without a loop.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use event_loop::{Time, Timer};
use probe::Run;
use probe_futures::Sim;
use probe_futures::sim::Scripted;

/// The clock of a simulated world, for code that asks for a [`Timer`] and for no loop. It counts the timers.
///
/// It fails the run, with `slept-until-the-past`, when the code sets a thousand timers at one instant for a time that has already come:
/// code that does that never stops.
#[derive(Debug, Clone)]
pub struct Clock {
    run: Run,
    sim: Sim,
    counts: Rc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    set: Cell<usize>,
    alive: Cell<usize>,
    for_the_past: Cell<usize>,
}

impl Clock {
    /// The clock of this world.
    #[must_use]
    pub fn new(run: &Run, sim: &Sim) -> Clock {
        Clock {
            run: run.clone(),
            sim: sim.clone(),
            counts: Rc::default(),
        }
    }

    /// How many timers were set so far.
    #[must_use]
    pub fn set(&self) -> usize {
        self.counts.set.get()
    }

    /// How many of them have neither fired nor been cancelled.
    #[must_use]
    pub fn alive(&self) -> usize {
        self.counts.alive.get()
    }
}

impl Timer for Clock {
    type Sleep = Nap;

    fn now(&self) -> Time {
        Time::after_start(self.sim.now())
    }

    fn sleep_until(&self, when: Time) -> Nap {
        let counts = &self.counts;
        counts.set.set(counts.set.get() + 1);
        counts.alive.set(counts.alive.get() + 1);
        if when <= self.now() {
            counts.for_the_past.set(counts.for_the_past.get() + 1);
            if counts.for_the_past.get() > 1_000 {
                self.run.diagnose(
                    "slept-until-the-past",
                    "A thousand timers were set for a time that had come already, and each was over at once: the code goes round in a circle, and no \
                     time passes.",
                );
            }
        } else {
            counts.for_the_past.set(0);
        }
        Nap {
            when: when.since_start(),
            sim: self.sim.clone(),
            counts: Rc::clone(counts),
            scripted: None,
        }
    }
}

/// The future of a [`Clock`]. Dropping it takes its timer back.
#[derive(Debug)]
#[must_use = "a future does nothing unless it is polled"]
pub struct Nap {
    when: Duration,
    sim: Sim,
    counts: Rc<Counts>,
    scripted: Option<Scripted>,
}

impl Future for Nap {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.sim.now() >= self.when {
            return Poll::Ready(());
        }
        let waker = context.waker().clone();
        let scripted = self.sim.at(self.when, move || waker.wake());
        if let Some(older) = self.scripted.replace(scripted) {
            self.sim.cancel(older);
        }
        Poll::Pending
    }
}

impl Drop for Nap {
    fn drop(&mut self) {
        self.counts.alive.set(self.counts.alive.get() - 1);
        if let Some(scripted) = self.scripted.take() {
            self.sim.cancel(scripted);
        }
    }
}
