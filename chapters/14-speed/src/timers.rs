//! The timers of a loop on a [`Wheel`]: the interface of [`event_loop::Timers`], in constant time.

use std::fmt;
use std::time::Duration;

use event_loop::Time;
use speed::wheel::{Wheel, WheelKey};

/// A set of timers, each with an item that comes out when the timer is due: in a loop, a waker.
///
/// It has the interface of [`event_loop::Timers`], and two differences in its contract:
///
/// - It has a *resolution*, the length of the wheel's tick. A timer comes out at the first tick that
///   is not earlier than its time, so it is late by less than a tick, and never early. Timers of one
///   tick come out in the order in which they were set. With [`new`](Timers::new) the resolution is a
///   nanosecond, the unit of [`Time`], and nothing is rounded.
/// - [`next`](Timers::next) may be too early, after the earliest timer was removed.
///
/// ```
/// use event_loop::Time;
/// use speed::timers::Timers;
/// use std::time::Duration;
///
/// let at = |millis| Time::after_start(Duration::from_millis(millis));
/// let mut timers = Timers::new();
/// let tea = timers.insert(at(30), "tea");
/// timers.insert(at(20), "egg");
/// assert_eq!(timers.next(), Some(at(20)));
/// assert_eq!(timers.remove(tea), Some("tea"));
/// assert_eq!(timers.pop_due(at(19)), None);
/// assert_eq!(timers.pop_due(at(20)).unwrap().1, "egg");
/// ```
pub struct Timers<T> {
    wheel: Wheel<T>,
    /// A tick has two to the power of so many nanoseconds.
    shift: u32,
}

/// Names one timer. No later timer has the same key, even after this one has come out or was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimerKey(WheelKey);

impl<T> Timers<T> {
    /// No timers, and a tick of one nanosecond.
    #[must_use]
    pub fn new() -> Timers<T> {
        Timers::with_resolution(Duration::ZERO)
    }

    /// No timers, and a tick of at most this duration: the next shorter power of two in nanoseconds,
    /// or one nanosecond. A millisecond gives a tick of 524,288 ns.
    #[must_use]
    pub fn with_resolution(resolution: Duration) -> Timers<T> {
        let nanos = u64::try_from(resolution.as_nanos()).unwrap_or(u64::MAX);
        Timers {
            wheel: Wheel::new(),
            shift: nanos.max(1).ilog2(),
        }
    }

    /// The length of a tick.
    #[must_use]
    pub fn resolution(&self) -> Duration {
        Duration::from_nanos(1 << self.shift)
    }

    /// Sets a timer, so that `item` comes out at `when`. Any number of timers may be set, for any
    /// time.
    pub fn insert(&mut self, when: Time, item: T) -> TimerKey {
        TimerKey(self.wheel.insert(self.tick_from(when), item))
    }

    /// Removes a timer and returns its item; `None` if it has come out or was removed before.
    pub fn remove(&mut self, key: TimerKey) -> Option<T> {
        self.wheel.remove(key.0)
    }

    /// The item of this timer; `None` if it has come out or was removed.
    pub fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        self.wheel.get_mut(key.0)
    }

    /// Whether this timer is still set.
    #[must_use]
    pub fn contains(&self, key: TimerKey) -> bool {
        self.wheel.contains(key.0)
    }

    /// Until when a loop may sleep: no later than the earliest timer is due.
    ///
    /// It may be earlier after a timer was removed: see [`Wheel::next`]. To take out all timers, due
    /// or not, call [`pop_due`](Timers::pop_due) with [`Time::END`].
    #[must_use]
    pub fn next(&self) -> Option<Time> {
        let tick = self.wheel.next()?;
        let nanos = tick.saturating_mul(1 << self.shift);
        Some(Time::after_start(Duration::from_nanos(nanos)))
    }

    /// Removes the earliest timer if it is due at `now`. Returns the key that `insert` returned, and
    /// the item.
    pub fn pop_due(&mut self, now: Time) -> Option<(TimerKey, T)> {
        let (key, item) = self.wheel.pop_due(self.tick_at(now))?;
        Some((TimerKey(key), item))
    }

    /// How many timers are set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.wheel.len()
    }

    /// Whether no timer is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.wheel.is_empty()
    }

    // ANCHOR: round
    /// The first tick that begins at this time or later. Rounded down, the timer would be early.
    fn tick_from(&self, when: Time) -> u64 {
        let nanos = nanos(when);
        let within = nanos & ((1 << self.shift) - 1);
        (nanos >> self.shift) + u64::from(within != 0)
    }

    /// The last tick that has begun at this time.
    fn tick_at(&self, now: Time) -> u64 {
        if now == Time::END {
            return u64::MAX;
        }
        nanos(now) >> self.shift
    }
    // ANCHOR_END: round
}

fn nanos(time: Time) -> u64 {
    let duration = time.since_start();
    duration.as_secs() * 1_000_000_000 + u64::from(duration.subsec_nanos())
}

impl<T> Default for Timers<T> {
    fn default() -> Timers<T> {
        Timers::new()
    }
}

impl<T> fmt::Debug for Timers<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Timers")
            .field("len", &self.len())
            .field("next", &self.next())
            .field("resolution", &self.resolution())
            .finish()
    }
}
