//! Apply the idea.
//! A person types into a search field. Each letter is a new value, and a search pays only after a
//! pause. Build the part between the two: it takes values at any time, and emits the last one when
//! no value has come for a given time.
//!
//! It needs of a loop what the two traits say, and no more.

use std::fmt;
use std::time::Duration;

use event_loop::{Spawn, Timer};

/// The input for values. Dropping it ends the input: the task then emits a waiting value at once, in
/// the loop's next iterations. The destructor itself emits nothing.
pub struct Debounce<T> {
    latest: Option<T>, // Yours to replace.
}

impl<T: 'static> Debounce<T> {
    /// Spawns a task that calls `emit` with the last value when no other value has been pushed for
    /// `quiet` since. The time counts from the `push`, even if the task is polled later. A value that
    /// is followed by another one before that is dropped.
    ///
    /// At most one timer is set, however many values are pushed, and none while no value waits. When
    /// the input has ended, the task completes, and no task, timer or value is left. `emit` may push,
    /// and may drop the input: nothing is borrowed while it runs. The task sleeps in between; a
    /// spurious poll changes nothing.
    pub fn new<M: Timer + 'static>(
        spawner: &impl Spawn,
        timer: M,
        quiet: Duration,
        emit: impl FnMut(T) + 'static,
    ) -> Debounce<T> {
        todo!("a task that waits for a value, and then until no other has come for `quiet`")
    }

    /// Takes a value, in place of the one that waits.
    pub fn push(&self, value: T) {
        todo!("store the value, and when it is due")
    }
}

impl<T> fmt::Debug for Debounce<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Debounce")
    }
}
