//! One iteration of the loop.

use std::io;
use std::time::Duration;

use event_loop::Time;

/// The parts of a loop that an iteration uses. A test may supply others.
pub trait Parts {
    /// An entry of the ready queue: a task or a callback.
    type Entry;

    /// The time now.
    fn now(&self) -> Time;

    /// When the next timer is due, if one is set.
    fn next_timer(&self) -> Option<Time>;

    /// Marks the loop asleep and returns `true`: from now on a wake ends the coming sleep. If the queue
    /// has an entry, changes nothing and returns `false`.
    fn fall_asleep(&self) -> bool;

    /// Asks the driver: sleeps until a wake or an event, and no longer than `timeout`. `None` has no
    /// limit; zero only polls for events. May return early, and the loop counts as awake afterwards.
    ///
    /// # Errors
    ///
    /// If the driver fails.
    fn park(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// Wakes each task whose timer is due at `now`.
    fn fire_timers(&self, now: Time);

    /// Takes every entry that is in the queue now, oldest first.
    fn take_batch(&self) -> Vec<Self::Entry>;

    /// Polls a task or calls a callback. Either may wake tasks and set timers. If it panics, the loop's
    /// own `run` catches the panic: `run_once` need not.
    fn run(&self, entry: Self::Entry);

    /// Returns the empty batch, so that the next iteration can use its memory. An iteration that does
    /// not call this is right, and allocates once more.
    fn return_batch(&self, _batch: Vec<Self::Entry>) {}
}

/// Runs one iteration: asks the driver, fires the timers that are due, and runs the entries that are
/// ready then, oldest first.
///
/// The driver is asked exactly once. If an entry is ready or a timer is due, it only polls for events.
/// Otherwise it sleeps until the next timer is due, to the nanosecond, or without limit if none is set:
/// not longer, and not shorter.
///
/// A task woken by an event or a timer runs in the same iteration. An entry that becomes ready while
/// the batch runs is for the next one. So a task that wakes itself at each poll delays the other
/// tasks, the timers and the events by one poll, and not forever.
///
/// # Errors
///
/// The driver's error. Then no entry is run, and no timer is fired.
pub fn run_once<P: Parts>(parts: &P) -> io::Result<()> {
    todo!("one iteration, from its parts")
}
