//! A task of a schedule: what it waits for, and whether it was woken. For `probe::breaking`.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use probe::Recorder;
use probe::breaking::WOKEN;
use probe::runs::Step;

use crate::waker::{Poller, poller};

/// A task, with the future that it is suspended in, if there is one. Each poll brings a fresh waker, and only that of the
/// latest poll counts.
#[derive(Debug)]
pub struct Seat<F> {
    name: &'static str,
    future: Option<Pin<Box<F>>>,
    latest: Poller,
    /// Whether the wake of the latest waker was told.
    told: bool,
}

impl<F: Future> Seat<F> {
    /// A task that waits for nothing yet.
    #[must_use]
    pub fn new(name: &'static str) -> Seat<F> {
        Seat {
            name,
            future: None,
            latest: poller(&Recorder::default(), name),
            told: false,
        }
    }

    /// Its name, which is its track.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it waits: its future is pending.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.future.is_some()
    }

    /// Whether the waker of its latest poll was called.
    #[must_use]
    pub fn is_woken(&self) -> bool {
        self.latest.wakes() > 0
    }

    /// Whether it waits, and nothing has woken it since its latest poll.
    #[must_use]
    pub fn sleeps(&self) -> bool {
        self.waits() && !self.is_woken()
    }

    /// Polls its future, which `start` makes if it has none. A future that is ready is dropped.
    pub fn poll(&mut self, start: impl FnOnce() -> F) -> Poll<F::Output> {
        let future = self.future.get_or_insert_with(|| Box::pin(start()));
        self.latest = poller(&Recorder::default(), self.name);
        self.told = false;
        let polled = self.latest.poll(future.as_mut());
        if polled.is_ready() {
            self.future = None;
        }
        polled
    }

    /// Drops its future. `false` if it has none.
    pub fn drop_future(&mut self) -> bool {
        self.future.take().is_some()
    }

    /// The step, with the fact that this task was woken, if it was woken since it was last asked.
    #[must_use]
    pub fn tell(&mut self, step: Step) -> Step {
        let news = self.sleeps() != self.waits() && !self.told;
        self.told |= news;
        match news {
            true => step.fact(self.name, WOKEN),
            false => step,
        }
    }
}
