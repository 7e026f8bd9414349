//! Looks for a due timer before it tries to fall asleep, and fires without asking whether a timer is set.

use std::io;
use std::time::Duration;

use event_loop::Time;

pub trait Parts {
    type Entry;

    fn now(&self) -> Time;

    fn next_timer(&self) -> Option<Time>;

    fn fall_asleep(&self) -> bool;

    fn park(&self, timeout: Option<Duration>) -> io::Result<()>;

    fn fire_timers(&self, now: Time);

    fn take_batch(&self) -> Vec<Self::Entry>;

    fn run(&self, entry: Self::Entry);

    fn return_batch(&self, _batch: Vec<Self::Entry>) {}
}

/// How long the loop may sleep; it is not marked as asleep where it may not.
fn sleep_limit<P: Parts>(parts: &P) -> Option<Duration> {
    let until_the_timer = match parts.next_timer() {
        Some(when) => Some(when.saturating_since(parts.now())),
        None => None,
    };
    match until_the_timer {
        Some(Duration::ZERO) => Some(Duration::ZERO),
        limit if parts.fall_asleep() => limit,
        _ => Some(Duration::ZERO),
    }
}

pub fn run_once<P: Parts>(parts: &P) -> io::Result<()> {
    let asked = parts.park(sleep_limit(parts));
    if asked.is_ok() {
        parts.fire_timers(parts.now());
        for entry in parts.take_batch() {
            parts.run(entry);
        }
    }
    asked
}
