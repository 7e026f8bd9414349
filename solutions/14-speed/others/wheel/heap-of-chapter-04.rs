//! The heap of chapter 04, with a tick for a nanosecond.

use std::fmt;
use std::time::Duration;

use event_loop::{Time, TimerKey, Timers};

/// Names a timer.
pub type WheelKey = TimerKey;

/// Ticks that are taken for nanoseconds.
pub struct Wheel<T>(Timers<T>);

fn at(tick: u64) -> Time {
    Time::after_start(Duration::from_nanos(tick))
}

impl<T> Wheel<T> {
    /// No timers.
    pub fn new() -> Wheel<T> {
        Wheel(Timers::new())
    }

    /// Sets a timer.
    pub fn insert(&mut self, due: u64, item: T) -> WheelKey {
        self.0.insert(at(due), item)
    }

    /// Removes a timer.
    pub fn remove(&mut self, key: WheelKey) -> Option<T> {
        self.0.remove(key)
    }

    /// The item of a timer.
    pub fn get_mut(&mut self, key: WheelKey) -> Option<&mut T> {
        self.0.get_mut(key)
    }

    /// Whether it is set.
    pub fn contains(&self, key: WheelKey) -> bool {
        self.0.contains(key)
    }

    /// The earliest tick.
    pub fn next(&self) -> Option<u64> {
        let nanos = self.0.next()?.since_start().as_nanos();
        u64::try_from(nanos).ok()
    }

    /// The earliest timer, if it is due.
    pub fn pop_due(&mut self, now: u64) -> Option<(WheelKey, T)> {
        self.0.pop_due(at(now))
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// None?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Default for Wheel<T> {
    fn default() -> Wheel<T> {
        Wheel::new()
    }
}

impl<T> fmt::Debug for Wheel<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, out)
    }
}
