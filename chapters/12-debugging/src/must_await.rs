//! A future that has to be awaited.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use debugging::{DebugMode, Warning};
use event_loop::Origin;
use pin_project::{pin_project, pinned_drop};

/// Reports the future if it is dropped and was never polled: asyncio's *coroutine was never awaited*. The
/// report names the line of this call.
///
/// The compiler warns about a future whose statement does nothing with it. It does not see one that is
/// stored, or assigned to `_`.
///
/// While debug mode is off on this thread, this only reads a thread-local variable.
#[track_caller]
pub fn must_await<F: Future>(future: F) -> MustAwait<F> {
    let made = Origin::of::<F>(); // Not in a closure: that has no caller.
    let watch = DebugMode::current().map(|debug| (debug, made));
    MustAwait { future, watch }
}

/// See [`must_await`].
///
/// # Cancel safety
///
/// That of the future in it. One that was polled once and is dropped then is not reported.
#[pin_project(PinnedDrop)]
#[must_use = "a future does nothing until it is polled"]
pub struct MustAwait<F> {
    #[pin]
    future: F,
    /// Where it was made, until its first poll.
    watch: Option<(DebugMode, Origin)>,
}

impl<F: Future> Future for MustAwait<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        *this.watch = None;
        this.future.poll(context)
    }
}

#[pinned_drop]
impl<F> PinnedDrop for MustAwait<F> {
    fn drop(self: Pin<&mut Self>) {
        if let Some((debug, made)) = self.project().watch.take() {
            debug.warn(&Warning::NeverAwaited { made });
        }
    }
}

impl<F> fmt::Debug for MustAwait<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("MustAwait").finish_non_exhaustive()
    }
}
