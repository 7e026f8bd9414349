//! Callbacks: functions that the loop calls later.

use std::fmt;

use event_loop::{Origin, TaskId, Time, TimerKey};

use crate::handle::Handle;

/// A callback that the loop has yet to call, like asyncio's `Handle` and `TimerHandle`. Dropping it
/// changes nothing.
///
/// In asyncio, tasks are made of callbacks. Here a callback is a task that calls the function at its
/// first poll and completes. A callback for a later time is such a task that has not been woken yet,
/// and a timer that holds its waker.
#[must_use = "without it the callback cannot be cancelled"]
pub struct CallHandle {
    handle: Handle,
    task: Option<TaskId>,
    timer: Option<TimerKey>,
}

impl CallHandle {
    // ANCHOR: make
    #[track_caller]
    pub(crate) fn soon(handle: &Handle, callback: impl FnOnce() + 'static) -> CallHandle {
        CallHandle::new(handle, callback, |waker| {
            waker.wake();
            None
        })
    }
    // ANCHOR_END: make

    #[track_caller]
    pub(crate) fn at(handle: &Handle, when: Time, callback: impl FnOnce() + 'static) -> CallHandle {
        CallHandle::new(handle, callback, |waker| {
            handle.hub().set_timer(when, waker)
        })
    }

    // ANCHOR: new
    #[track_caller]
    fn new<C: FnOnce() + 'static>(
        handle: &Handle,
        callback: C,
        arrange: impl FnOnce(std::task::Waker) -> Option<TimerKey>,
    ) -> CallHandle {
        let call = Box::pin(async move { callback() });
        let added = handle.hub().add_task(call, Origin::of_callback::<C>());
        let (task, timer) = match added {
            Some((task, waker)) => (Some(task), arrange(waker)),
            None => (None, None),
        };
        CallHandle {
            handle: handle.clone(),
            task,
            timer,
        }
    }
    // ANCHOR_END: new

    /// Cancels the callback, and drops it. Returns `false` if the loop has called it, or if it was
    /// cancelled before.
    pub fn cancel(&self) -> bool {
        if let Some(timer) = self.timer {
            self.handle.hub().drop_timer(timer);
        }
        (self.task)
            .is_some_and(|task| self.handle.hub().is_waiting(task) && self.handle.hub().abort(task))
    }
}

impl fmt::Debug for CallHandle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("CallHandle").field(&self.task).finish()
    }
}
