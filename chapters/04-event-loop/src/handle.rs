//! The handle by which tasks reach their loop.

use std::fmt;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{BoxedTask, Hub, Origin, Spawn, TaskId, Time, Timer};

use crate::calls::CallHandle;
use crate::door::Door;
use crate::join::{self, JoinHandle};
use crate::report::Unretrieved;
use crate::sleep::Sleep;

/// A handle of a loop: it spawns tasks, sets timers and reads the clock. A clone is the same loop.
///
/// Code that needs a loop takes a handle as an argument. There is no "loop of the current thread" that
/// a function finds by itself. So each test has a loop of its own, and signatures show which code
/// depends on one.
///
/// A handle stays on the loop's thread; the [`door`](Handle::door) is the handle for other threads.
/// After the loop was dropped or closed, a spawned future is dropped at once, and no sleep ends.
///
/// ```
/// use event_loop::EventLoop;
/// use std::time::Duration;
///
/// let event_loop = EventLoop::new();
/// let handle = event_loop.handle();
/// let waited = event_loop.block_on(async {
///     let before = handle.now();
///     handle.sleep(Duration::from_millis(5)).await;
///     handle.now().saturating_since(before)
/// });
/// assert!(waited >= Duration::from_millis(5));
/// ```
#[derive(Clone)]
pub struct Handle {
    hub: Rc<dyn Hub>,
}

impl Handle {
    /// The handle of this loop.
    #[must_use]
    pub fn new(hub: Rc<dyn Hub>) -> Handle {
        Handle { hub }
    }

    /// Spawns a task that runs `future`. Its first poll happens in a later iteration, never before this
    /// returns.
    ///
    /// Dropping the handle that is returned does not end the task; [`abort`](JoinHandle::abort) does.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
    {
        join::spawn(self, future, Origin::of::<F>())
    }

    /// The time on the loop's clock.
    #[must_use]
    pub fn now(&self) -> Time {
        self.hub.now()
    }

    /// A future that is ready after this long, counted from now and not from its first poll.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        self.sleep_until(self.now() + duration)
    }

    /// A future that is ready once the clock shows `when`. It always suspends once.
    pub fn sleep_until(&self, when: Time) -> Sleep {
        Sleep::new(self.clone(), when)
    }

    /// Calls `callback` in the next iteration, after the entries that are ready already.
    #[track_caller]
    pub fn call_soon(&self, callback: impl FnOnce() + 'static) -> CallHandle {
        CallHandle::soon(self, callback)
    }

    /// Calls `callback` after this long.
    #[track_caller]
    pub fn call_later(&self, delay: Duration, callback: impl FnOnce() + 'static) -> CallHandle {
        self.call_at(self.now() + delay, callback)
    }

    /// Calls `callback` once the clock shows `when`.
    #[track_caller]
    pub fn call_at(&self, when: Time, callback: impl FnOnce() + 'static) -> CallHandle {
        CallHandle::at(self, when, callback)
    }

    /// The thread-safe handle of this loop.
    #[must_use]
    pub fn door(&self) -> Door {
        Door::new(self.hub.door())
    }

    /// Ends [`run_forever`](crate::EventLoop::run_forever) after this iteration.
    pub fn stop(&self) {
        self.hub.stop();
    }

    #[inline]
    pub(crate) fn hub(&self) -> &dyn Hub {
        &*self.hub
    }
}

impl Spawn for Handle {
    #[track_caller]
    fn spawn_boxed(&self, future: BoxedTask) {
        self.spawn_boxed_from(future, Origin::of::<BoxedTask>());
    }

    fn spawn_boxed_from(&self, future: BoxedTask, origin: Origin) -> Option<TaskId> {
        let (task, waker) = self.hub.add_task(future, origin)?;
        waker.wake();
        Some(task)
    }

    fn report(&self, problem: &str) {
        self.hub.report(&Unretrieved::other(problem));
    }
}

impl Timer for Handle {
    type Sleep = Sleep;

    fn now(&self) -> Time {
        Handle::now(self)
    }

    fn sleep_until(&self, when: Time) -> Sleep {
        Handle::sleep_until(self, when)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Handle")
            .field("now", &self.now())
            .finish_non_exhaustive()
    }
}
