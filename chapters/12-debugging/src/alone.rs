//! A test on a loop of its own.

use std::future::Future;
use std::time::Duration;

// YOURS
use event_loop::{EventLoop, Handle, JumpingDriver};
// STUB: use event_loop::{EventLoop, Handle};
// YOURS_END

/// Runs a test's future on a loop of its own, and returns its output and how long it took on that loop's clock.
///
/// The clock shows zero when the test begins, and jumps: a sleep of a day takes no time, and on the loop's clock it takes
/// exactly a day. A test that waits for nothing takes exactly zero. Tests know nothing of each other: a task, a timer or a
/// time that one of them leaves is not there in the next, nor in a test that runs inside another. What a test leaves is
/// dropped before this returns.
///
/// ```
/// use debugging::alone;
/// use std::time::Duration;
///
/// let day = Duration::from_secs(24 * 60 * 60);
/// let (answer, took) = alone(|handle| async move {
///     handle.sleep(day).await;
///     42
/// });
/// assert_eq!((answer, took), (42, day));
/// ```
///
/// # Panics
///
/// If the test's future panics; the next test is not affected. If nothing can wake the future any more.
pub fn alone<F: Future>(test: impl FnOnce(Handle) -> F) -> (F::Output, Duration) {
    // YOURS
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let output = event_loop.block_on(test(handle.clone()));
    (output, handle.now().since_start())
    // STUB: let event_loop = EventLoop::new();
    // STUB: todo!("the test, on a clock that jumps")
    // YOURS_END
}
