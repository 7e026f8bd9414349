//! Pieces for `probe::runs`: two tasks that poll one future, of which the latest has to be woken; and tasks that each wait for
//! something of their own.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use probe::Recorder;
use probe::runs::Step;

use crate::waker::{Poller, poller};

/// The names of the two tasks.
const NAMES: [&str; 2] = ["A", "B"];

/// More wakes in one operation than any right answer makes.
const FLOOD: usize = 1_000;

/// The tasks A and B, each with a waker of its own, and which of them polled last.
///
/// Only the task that polled last, and got `Pending`, has to be woken; whether another one is woken too, and how often, is the
/// answer's own business and is not looked at.
#[derive(Debug)]
pub struct Tasks {
    pollers: [Poller; 2],
    latest: Option<usize>,
    seen: usize,
}

impl Default for Tasks {
    fn default() -> Tasks {
        Tasks::new()
    }
}

impl Tasks {
    /// Two tasks that have not polled yet.
    #[must_use]
    pub fn new() -> Tasks {
        let recorder = Recorder::default();
        Tasks {
            pollers: NAMES.map(|name| poller(&recorder, name)),
            latest: None,
            seen: 0,
        }
    }

    /// Task 0, A, or 1, B, polls. From a `Pending` on it is the latest; after `Ready` there is none.
    pub fn poll<F: Future + ?Sized>(
        &mut self,
        task: usize,
        future: Pin<&mut F>,
    ) -> Poll<F::Output> {
        self.latest = None;
        self.seen = self.pollers[task].wakes();
        let polled = self.pollers[task].poll(future);
        if polled.is_pending() {
            self.latest = Some(task);
        }
        polled
    }

    /// The future is gone: no task has to be woken any more.
    pub fn stop_waiting(&mut self) {
        self.latest = None;
    }

    /// The step, with whether the latest task was woken since it was last asked, or since its poll.
    ///
    /// # Panics
    ///
    /// If one operation woke it more than a thousand times.
    #[must_use]
    pub fn tell(&mut self, step: Step) -> Step {
        let Some(latest) = self.latest else {
            return step;
        };
        self.tell_of(NAMES[latest], step)
    }

    /// The same, in the lane of what it waits for, where a task waits for several things.
    ///
    /// # Panics
    ///
    /// As [`tell`](Tasks::tell).
    #[must_use]
    pub fn tell_of(&mut self, lane: &'static str, step: Step) -> Step {
        let Some(latest) = self.latest else {
            return step;
        };
        let name = NAMES[latest];
        let wakes = self.pollers[latest].wakes();
        let new = wakes - self.seen;
        assert!(new <= FLOOD, "one operation woke {name} {new} times");
        self.seen = wakes;
        let text = |what: &str| match lane == name {
            true => what.to_owned(),
            false => format!("{name} {what}"),
        };
        if new > 0 {
            step.fact(lane, text("is woken"))
        } else {
            step.absence(lane, text("is not woken"))
        }
    }

    /// The wakers that are still kept.
    #[must_use]
    pub fn wakers_kept(&self) -> usize {
        self.pollers
            .iter()
            .map(|poller| poller.counts().alive)
            .sum()
    }
}

/// One of several tasks that each wait for something of their own, and whether it was woken since its latest poll.
///
/// ```
/// use std::future::poll_fn;
/// use std::pin::pin;
/// use std::task::Poll;
///
/// use probe::runs::Step;
/// use probe_futures::{LatestWaker, runs::Waiter};
///
/// # fn main() {
/// let mut b = Waiter::new("B");
/// assert!(b.is_due(), "it has not polled yet");
/// let work = LatestWaker::default();
/// let mut wait = pin!(work.of(poll_fn(|_| Poll::<()>::Pending)));
/// assert!(b.poll(wait.as_mut()).is_pending());
/// assert_eq!(b.tell(Step::of("done")).about("B"), Some("is not woken"));
/// work.wake();
/// assert_eq!(b.tell(Step::of("done")).about("B"), Some("is woken"));
/// b.stop_waiting();
/// assert_eq!(b.tell(Step::of("done")).about("B"), None);
/// # }
/// ```
#[derive(Debug)]
pub struct Waiter {
    name: &'static str,
    poller: Poller,
    seen: usize,
    waits: bool,
}

impl Waiter {
    /// A task that has not polled yet.
    #[must_use]
    pub fn new(name: &'static str) -> Waiter {
        Waiter {
            name,
            poller: poller(&Recorder::default(), name),
            seen: 0,
            waits: false,
        }
    }

    /// Polls a future. From a `Pending` on the task waits; after `Ready` it does not.
    pub fn poll<F: Future + ?Sized>(&mut self, future: Pin<&mut F>) -> Poll<F::Output> {
        self.poll_with(|context| future.poll(context))
    }

    /// The same for something else that is polled, such as a stream.
    pub fn poll_with<T>(&mut self, poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        self.waits = false;
        self.seen = self.poller.wakes();
        let polled = (self.poller).lend(|waker| poll(&mut Context::from_waker(waker)));
        self.waits = polled.is_pending();
        polled
    }

    /// What it waits for is gone: it has to be woken no more.
    pub fn stop_waiting(&mut self) {
        self.waits = false;
    }

    /// Whether it waits and was woken since its latest poll.
    #[must_use]
    pub fn is_woken(&self) -> bool {
        self.waits && self.poller.wakes() > self.seen
    }

    /// Whether a loop would poll it now: it does not wait yet, or was woken.
    #[must_use]
    pub fn is_due(&self) -> bool {
        !self.waits || self.is_woken()
    }

    /// The step, with whether the task was woken, if it waits.
    #[must_use]
    pub fn tell(&self, step: Step) -> Step {
        match (self.waits, self.is_woken()) {
            (false, _) => step,
            (true, true) => step.fact(self.name, "is woken"),
            (true, false) => step.absence(self.name, "is not woken"),
        }
    }

    /// The wakers of its polls that are still kept.
    #[must_use]
    pub fn wakers_kept(&self) -> usize {
        self.poller.counts().alive
    }
}
