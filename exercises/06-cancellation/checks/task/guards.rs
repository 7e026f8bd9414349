//! The futures and guards of which the tasks of this check are made.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use event_loop::{BoxedTask, Spawn};
use probe::Recorder;
use probe::detect::OnDrop;

/// A future that returns 7 in its first poll and has a destructor. Unlike the variables of an `async` block it is there until
/// the future itself is dropped.
pub(super) struct Ready<F: FnOnce()>(pub(super) OnDrop<F>);

impl<F: FnOnce()> Future for Ready<F> {
    type Output = u32;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u32> {
        Poll::Ready(7)
    }
}

/// What [`dropped_early`] records.
pub(super) const DROPPED_EARLY: &str = "is dropped, and has not finished";

/// A variable of a task that is forgotten at the task's end. It records that the task was dropped before that.
pub(super) fn dropped_early(recorder: &Recorder) -> OnDrop<impl FnOnce() + use<>> {
    let recorder = recorder.clone();
    OnDrop::new(move || recorder.says("task", DROPPED_EARLY))
}

/// A variable of a task, which records in the task's track that the destructors run.
pub(super) fn guard(recorder: &Recorder, track: &'static str) -> OnDrop<impl FnOnce() + use<>> {
    let recorder = recorder.clone();
    OnDrop::new(move || recorder.says(track, "its destructors run"))
}

/// A loop that keeps what is spawned, for the test to poll.
#[derive(Default)]
pub(super) struct Held(pub(super) RefCell<Option<BoxedTask>>);

impl Spawn for Held {
    fn spawn_boxed(&self, future: BoxedTask) {
        let _older = self.0.replace(Some(future));
    }
}
