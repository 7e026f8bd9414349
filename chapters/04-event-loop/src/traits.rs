//! The two traits by which other crates use a loop.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use event_loop::{Origin, TaskId, Time};

/// A boxed future without an output, as a loop stores it.
pub type BoxedTask = Pin<Box<dyn Future<Output = ()>>>;

/// Spawns tasks.
pub trait Spawn {
    // ANCHOR: spawn
    /// Takes ownership of the future and polls it until it completes. The first poll happens after this
    /// returns. If the loop is closed, drops the future without polling it.
    fn spawn_boxed(&self, future: BoxedTask);
    // ANCHOR_END: spawn

    /// As [`spawn_boxed`](Spawn::spawn_boxed), and an observer of the loop is told this origin. Returns the
    /// task's id. By default the observer is told no origin, and the id is not known.
    fn spawn_boxed_from(&self, future: BoxedTask, _origin: Origin) -> Option<TaskId> {
        self.spawn_boxed(future);
        None
    }

    /// Reports a failure that no caller receives, in one sentence. By default it goes to standard
    /// error.
    fn report(&self, problem: &str) {
        crate::report::to_stderr(&problem);
    }
}

// ANCHOR: timer
/// A clock, and futures that wait for a time.
pub trait Timer {
    /// The future that waits.
    type Sleep: Future<Output = ()> + Unpin;

    /// The time now.
    fn now(&self) -> Time;

    /// A future that is ready once the clock shows `when`. Dropping it removes the timer.
    ///
    /// Its first poll may be pending even if the clock shows `when` already. The task is then woken in the next
    /// iteration of the loop.
    fn sleep_until(&self, when: Time) -> Self::Sleep;

    /// A future that is ready after this long, counted from the call.
    fn sleep(&self, duration: Duration) -> Self::Sleep {
        self.sleep_until(self.now() + duration)
    }
}
// ANCHOR_END: timer
