//! The little that other crates need of a loop.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use event_loop::Time;

/// A future with nothing to give, in a box: what a loop keeps.
pub type BoxedTask = Pin<Box<dyn Future<Output = ()>>>;

// ANCHOR: spawn
/// Whatever can run a future beside the one that asks for it.
pub trait Spawn {
    /// Takes the future over and polls it whenever it is woken, until it is ready: for the first time
    /// after this has returned. If there is nobody left to poll it, it is dropped.
    fn spawn_boxed(&self, future: BoxedTask);

    /// Something went wrong that nobody will learn of in any other way: here is a sentence about it,
    /// for whoever looks after the loop. By default it goes to standard error.
    fn report(&self, problem: &str) {
        crate::report::to_stderr(&problem);
    }
}
// ANCHOR_END: spawn

/// Whatever can wait for a time.
pub trait Timer {
    /// The future that waits.
    type Sleep: Future<Output = ()> + Unpin;

    /// The time now.
    fn now(&self) -> Time;

    /// A future that is ready once the clock shows `when`. Dropping it takes the timer back.
    fn sleep_until(&self, when: Time) -> Self::Sleep;

    /// A future that is ready after this long, counted from the call.
    fn sleep(&self, duration: Duration) -> Self::Sleep {
        self.sleep_until(self.now() + duration)
    }
}
