//! Pieces for `probe::runs`: two tasks that poll one future, of which the latest has to be woken.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

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
