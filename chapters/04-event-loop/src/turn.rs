//! One turn of the loop.

use std::io;
use std::time::Duration;

use event_loop::Time;

/// What a turn is made of. The loop brings these; a test may bring others.
pub trait Parts {
    /// What waits in the ready queue.
    type Entry;

    /// The time now.
    fn now(&self) -> Time;

    /// When the next timer is due, if one is set.
    fn next_timer(&self) -> Option<Time>;

    /// Says that the loop is going to sleep. `false`, and nothing changes, if something is ready;
    /// after `true` a wake ends the sleep that is to come.
    fn fall_asleep(&self) -> bool;

    /// Sleeps until a wake or an event, and no longer than `timeout`; with zero, only looks whether
    /// there are events. It may return early.
    ///
    /// # Errors
    ///
    /// If it cannot sleep.
    fn park(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// Wakes whoever has a timer that is due at `now`.
    fn fire_timers(&self, now: Time);

    /// Takes out everything that is ready now, oldest first.
    fn take_batch(&self) -> Vec<Self::Entry>;

    /// Polls a task, or calls a callback.
    fn run(&self, entry: Self::Entry);

    /// Gives back the batch when it is empty, for the next turn to use its memory again. A turn that
    /// forgets it is right, and a little slower.
    fn return_batch(&self, _batch: Vec<Self::Entry>) {}
}

/// Runs one turn: sleeps if there is nothing to do, fires the timers that are due, and runs what is
/// ready then, oldest first.
///
/// The driver is asked once in every turn. It may sleep until the next timer is due, or without an end
/// if none is set; but if something is ready, it only looks whether there are events. Whoever is woken
/// by an event or by a timer runs in this same turn. What becomes ready after that is for the next one,
/// so that a task which wakes itself again and again cannot keep the others, the timers or the events
/// waiting.
///
/// # Errors
///
/// If the driver cannot sleep. Nothing is run then, and no timer is fired.
// ANCHOR: body
pub fn run_once<P: Parts>(parts: &P) -> io::Result<()> {
    // YOURS
    let timeout = if parts.fall_asleep() {
        (parts.next_timer()).map(|when| when.saturating_since(parts.now()))
    } else {
        Some(Duration::ZERO)
    };
    parts.park(timeout)?;
    if parts.next_timer().is_some() {
        parts.fire_timers(parts.now());
    }
    let mut batch = parts.take_batch();
    for entry in batch.drain(..) {
        parts.run(entry);
    }
    parts.return_batch(batch);
    Ok(())
    // STUB: todo!("one turn, from its parts")
    // YOURS_END
}
// ANCHOR_END: body
