//! Apply the idea.
//! Somebody types into a search field, and each letter is a new value; but only when they
//! have paused for a moment is it worth while to search. Build what is between the two: it takes
//! values whenever they come, and emits the last one once it has been quiet for long enough.
//!
//! It needs no more of a loop than the two traits say.

use std::fmt;
use std::time::Duration;

use event_loop::{Spawn, Timer};

/// Where the values go in. Dropping it ends the input: a value that still waits is emitted at once,
/// that is by the task in the loop's next turns, and not by the destructor.
pub struct Debounce<T> {
    latest: Option<T>, // Yours to replace.
}

impl<T: 'static> Debounce<T> {
    /// Spawns a task that calls `emit` with the last value whenever it has been `quiet` for so long
    /// since that value came. Values that were followed by another one in time are dropped.
    ///
    /// There is one timer at the most, however many values come, and none while no value waits. When
    /// the input has ended, the task ends, too, and leaves nothing behind. `emit` may push: nothing is
    /// borrowed while it runs.
    pub fn new<M: Timer + 'static>(
        spawner: &impl Spawn,
        timer: M,
        quiet: Duration,
        emit: impl FnMut(T) + 'static,
    ) -> Debounce<T> {
        todo!("a task that waits for a value, and then for the quiet")
    }

    /// Takes a value in, in place of the one that waits.
    pub fn push(&self, value: T) {
        todo!("remember it, and from when on it has to be quiet")
    }
}

impl<T> fmt::Debug for Debounce<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Debounce")
    }
}
