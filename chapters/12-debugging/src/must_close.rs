//! A value that has to be closed.

use std::fmt;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::thread;

use debugging::{DebugMode, Warning};
use event_loop::Origin;

/// Reports the value if it is dropped without [`close`](MustClose::close): Python's `ResourceWarning`. The
/// report names the line of this call.
///
/// A destructor closes a file or a socket. It cannot wait, so it cannot flush a buffer to a peer, or say
/// goodbye to a database. A type that has to do that has an `async fn close`, and this reports where the
/// program forgot it.
///
/// While debug mode is off on this thread, this only reads a thread-local variable.
#[track_caller]
pub fn must_close<T>(value: T) -> MustClose<T> {
    let made = Origin::of::<T>(); // Not in a closure: that has no caller.
    let watch = DebugMode::current().map(|debug| (debug, made));
    MustClose {
        value: Some(value),
        watch,
    }
}

/// See [`must_close`].
///
/// # Panics
///
/// Never: the value is there until [`close`](MustClose::close) consumes this.
#[must_use = "close it"]
pub struct MustClose<T> {
    value: Option<T>,
    watch: Option<(DebugMode, Origin)>,
}

impl<T> MustClose<T> {
    /// Returns the value, for its own `close`. It is not reported any more.
    pub fn close(mut self) -> T {
        self.watch = None;
        self.value.take().expect("it is taken out once")
    }
}

impl<T> Deref for MustClose<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("it is taken out at the end")
    }
}

impl<T> DerefMut for MustClose<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("it is taken out at the end")
    }
}

impl<T> Drop for MustClose<T> {
    fn drop(&mut self) {
        let watch = mem::take(&mut self.watch);
        if let Some((debug, made)) = watch
            && !thread::panicking()
        {
            debug.warn(&Warning::NotClosed { made });
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for MustClose<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("MustClose").field(&self.value).finish()
    }
}
