//! Tasks of a list or a loop that has no observer.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use probe::Run;

use crate::spy::{Spy, spy};
use crate::waker::{Poller, Wakes, in_front_of};

/// Watches a task from the inside: its polls and its wakes are recorded in `track`, under every executor and with every waker.
pub fn task<F: Future>(run: &Run, track: &str, future: F) -> Task<F> {
    Task {
        run: run.clone(),
        track: track.to_owned(),
        waker: None,
        future: spy(run, track, future),
    }
}

/// A task under observation. See [`task`].
#[derive(Debug)]
pub struct Task<F> {
    run: Run,
    track: String,
    /// Stands in front of the waker of its first poll: such a list has one waker a task.
    waker: Option<Poller>,
    future: Spy<F>,
}

impl<F: Future<Output: Debug>> Future for Task<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let (recorder, name) = (this.run.recorder(), &this.track);
        let new = || in_front_of(context.waker(), recorder, name, Wakes::Here);
        let waker = this.waker.get_or_insert_with(new);
        waker.poll(Pin::new(&mut this.future))
    }
}
