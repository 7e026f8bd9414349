//! A simulated world: a clock that jumps, events that are scripted, and the fact that a run is stuck.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use probe::{Recorder, Run};

use crate::stuck;
use crate::waker::{Poller, poller};

/// The world of one run. Clones are the same world, and may be used from any thread.
///
/// Time passes only when no task is ready: then the clock jumps to the next scripted event. If there is none, the run is
/// *stuck*: nothing will ever happen again. That is a fact, found at once, and not a time-out, as long as every source of wakes is
/// known; one that is not must be announced with [`external`](Sim::external).
#[derive(Debug, Clone)]
pub struct Sim {
    run: Run,
    world: Arc<Mutex<World>>,
}

type Action = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct World {
    now: Duration,
    scripted: u64,
    events: BTreeMap<(Duration, u64), Action>,
    external: Vec<String>,
}

impl Debug for World {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("World")
            .field("now", &self.now)
            .field("events", &self.events.len())
            .finish()
    }
}

/// A scripted event, as long as it has not happened. See [`Sim::cancel`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scripted((Duration, u64));

/// Nothing is ready, and nothing is left that could change that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// How many wakers of the waiting task still exist. With none left, nothing can wake the task.
    pub wakers_held: usize,
    /// The sources of wakes that this world does not know, as they were announced.
    pub external: Vec<String>,
}

impl Sim {
    /// A world at time zero, in which nothing is going to happen.
    #[must_use]
    pub fn new(run: &Run) -> Sim {
        Sim {
            run: run.clone(),
            world: Arc::default(),
        }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.lock().now
    }

    /// Something will happen at `when`; at once, that is before the clock moves, if that has passed. Events of one instant happen
    /// in the order in which they were scripted.
    pub fn at(&self, when: Duration, action: impl FnOnce() + Send + 'static) -> Scripted {
        let mut world = self.lock();
        world.scripted += 1;
        let key = (when.max(world.now), world.scripted);
        world.events.insert(key, Box::new(action));
        Scripted(key)
    }

    /// Takes an event back. Returns whether it was still to come.
    pub fn cancel(&self, event: Scripted) -> bool {
        self.lock().events.remove(&event.0).is_some()
    }

    /// How many events are still to come.
    #[must_use]
    pub fn left(&self) -> usize {
        self.lock().events.len()
    }

    /// When the next event is to come, if there is one.
    #[must_use]
    pub fn next_event(&self) -> Option<Duration> {
        let world = self.lock();
        let ((when, _), _) = world.events.first_key_value()?;
        Some(*when)
    }

    /// Lets everything happen that is to come up to `when`, and then sets the clock to it. Does nothing if that has passed.
    pub fn advance_to(&self, when: Duration) {
        while self.next_event().is_some_and(|next| next <= when) {
            self.advance();
        }
        let mut world = self.lock();
        if world.now < when {
            world.now = when;
            self.run.recorder().set_time(when);
        }
    }

    /// The sources of wakes that were announced.
    #[must_use]
    pub fn externals(&self) -> Vec<String> {
        self.lock().external.clone()
    }

    /// Announces a source of wakes that this world does not know, so that a run that waits for it is not reported as stuck.
    pub fn external(&self, name: &str) {
        self.lock().external.push(name.to_owned());
    }

    /// Jumps to the next event and lets it happen. Returns `false`, and changes nothing, if there is none.
    pub fn advance(&self) -> bool {
        let action = {
            let mut world = self.lock();
            let Some(((when, _), action)) = world.events.pop_first() else {
                return false;
            };
            world.now = when;
            self.run.recorder().set_time(when);
            action
        };
        action();
        true
    }

    /// Polls a future whenever it is woken, and lets time pass in between, until it is ready or stuck.
    ///
    /// `name` is whose waker it is polled with. Where the code under test [reports](stuck) what it holds and waits for, a stuck run
    /// ends with a line that says so. A future that wakes itself without end is cut off after a thousand polls at one
    /// instant, as `busy-poll`.
    ///
    /// # Errors
    ///
    /// [`Stuck`] when nothing will ever wake it.
    pub fn run<F: Future + ?Sized>(
        &self,
        name: &str,
        future: Pin<&mut F>,
    ) -> Result<F::Output, Stuck> {
        self.drive(&poller(self.run.recorder(), name), future)
    }

    /// As [`run`](Sim::run), but no wake is recorded: for code of which two right versions may be woken differently often.
    ///
    /// # Errors
    ///
    /// [`Stuck`] when nothing will ever wake it.
    pub fn run_unrecorded<F: Future + ?Sized>(
        &self,
        future: Pin<&mut F>,
    ) -> Result<F::Output, Stuck> {
        self.drive(&poller(&Recorder::new(), ""), future)
    }

    fn drive<F: Future + ?Sized>(
        &self,
        poller: &Poller,
        mut future: Pin<&mut F>,
    ) -> Result<F::Output, Stuck> {
        let (mut polls, mut since) = (0, self.now());
        loop {
            let wakes = poller.wakes();
            if let Poll::Ready(value) = poller.poll(future.as_mut()) {
                return Ok(value);
            }
            polls = if self.now() == since { polls + 1 } else { 1 };
            since = self.now();
            if polls > 1_000 {
                self.run.diagnose(
                    "busy-poll",
                    "It was polled a thousand times, woke itself each time, and time stood still.",
                );
            }
            while poller.wakes() == wakes {
                if !self.advance() {
                    stuck::note_if_explained(self.run.recorder(), poller.name());
                    return Err(Stuck {
                        wakers_held: poller.counts().alive,
                        external: self.externals(),
                    });
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
