//! A wrapper that records every poll.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use probe::Run;

use crate::waker::{Wakes, in_front_of, name_of};

/// Watches a future: each poll is recorded in `track`, with whose waker it was polled, and what came of it.
///
/// As a child of another future it also enforces the contract: a parent that polls it after it was ready is diagnosed with
/// `polled-after-ready`.
pub fn spy<F: Future>(run: &Run, track: &str, future: F) -> Spy<F> {
    Spy {
        run: run.clone(),
        track: track.to_owned(),
        future: Box::pin(future),
        polls: 0,
        ready: false,
        notes_its_end: false,
    }
}

/// A future under observation. See [`spy`]. It may be moved freely: what it watches has a place of its own.
#[derive(Debug)]
pub struct Spy<F> {
    run: Run,
    track: String,
    future: Pin<Box<F>>,
    polls: usize,
    ready: bool,
    notes_its_end: bool,
}

impl<F> Spy<F> {
    /// The same spy, which also records when it is dropped before it was ready: for promises about cancellation.
    #[must_use]
    pub fn noting_its_end(mut self) -> Spy<F> {
        self.notes_its_end = true;
        self
    }

    /// How often it was polled.
    #[must_use]
    pub fn polls(&self) -> usize {
        self.polls
    }
}

impl<F: Future<Output: Debug>> Future for Spy<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let by = name_of(context.waker())
            .filter(|name| *name != self.track)
            .map_or_else(|| "polled".to_owned(), |name| format!("polled by {name}"));
        let call = self.run.recorder().enters(&self.track, by);
        if self.ready {
            self.run.diagnose(
                "polled-after-ready",
                format!("{} was ready, and was polled once more.", self.track),
            );
        }
        self.polls += 1;
        let poll = self.poll_watched(context);
        self.ready = poll.is_ready();
        call.returns(outcome(&poll));
        poll
    }
}

impl<F: Future> Spy<F> {
    /// Where a file is watched, a caller-supplied waker gets a recording one in front: that one can see the future's code in the call.
    fn poll_watched(&mut self, context: &mut Context<'_>) -> Poll<F::Output> {
        let recorder = self.run.recorder();
        if !recorder.watches() || name_of(context.waker()).is_some() {
            return self.future.as_mut().poll(context);
        }
        let waker = in_front_of(context.waker(), recorder, &self.track, Wakes::There);
        waker.poll(self.future.as_mut())
    }
}

impl<F> Drop for Spy<F> {
    fn drop(&mut self) {
        if self.notes_its_end && !self.ready {
            self.run.recorder().drops(&self.track);
        }
    }
}

/// `pending`, `ready(7)`, or `ready` where there is no result.
pub(crate) fn outcome<T: Debug>(poll: &Poll<T>) -> String {
    match poll {
        Poll::Pending => "pending".to_owned(),
        Poll::Ready(value) => match format!("{value:?}").as_str() {
            "()" => "ready".to_owned(),
            value => format!("ready({value})"),
        },
    }
}
