//! The futures and guards of which the tasks of this check are made.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use event_loop::{BoxedTask, Spawn};
use probe::Recorder;

/// A future that returns 7 in its first poll and has a destructor. Unlike the variables of an `async` block it is there until
/// the future itself is dropped.
pub(super) struct Ready<F: FnOnce()>(pub(super) OnDrop<F>);

impl<F: FnOnce()> Future for Ready<F> {
    type Output = u32;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u32> {
        Poll::Ready(7)
    }
}

/// Records that the future was dropped before it finished.
pub(super) struct DroppedEarly(pub(super) Recorder);

impl DroppedEarly {
    pub(super) const SAYS: &str = "is dropped, and has not finished";
}

impl Drop for DroppedEarly {
    fn drop(&mut self) {
        self.0.says("task", DroppedEarly::SAYS);
    }
}

pub(super) struct AtTheEnd(pub(super) Recorder);

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        self.0.says("task", "its destructors run");
    }
}

pub(super) struct Named(pub(super) Recorder, pub(super) &'static str);

impl Drop for Named {
    fn drop(&mut self) {
        self.0.says(self.1, "its destructors run");
    }
}

pub(super) struct OnDrop<F: FnOnce()>(pub(super) Option<F>);

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        if let Some(call) = self.0.take() {
            call();
        }
    }
}

/// A loop that keeps what is spawned, for the test to poll.
#[derive(Default)]
pub(super) struct Held(pub(super) RefCell<Option<BoxedTask>>);

impl Spawn for Held {
    fn spawn_boxed(&self, future: BoxedTask) {
        let _older = self.0.replace(Some(future));
    }
}
