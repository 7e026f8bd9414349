//! Ticks of a clock as a stream.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use event_loop::{Time, Timer};
use futures::Stream;

/// What becomes of the ticks that have passed while the stream was not polled.
///
/// A stream is polled late if its task does something else meanwhile. With a period of 10 s, the tick
/// of 10 s may be yielded at 34 s. The next ticks are then due as follows:
///
/// | | due |
/// |---|---|
/// | `Burst` | 20 s, 30 s, 40 s, 50 s, … |
/// | `Delay` | 44 s, 54 s, 64 s, … |
/// | `Skip` | 40 s, 50 s, 60 s, … |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissedTicks {
    /// All are made up for, at once: each tick is due one period after the one before was *due*.
    Burst,
    /// The ticks after it move: each tick is due one period after the one before was *yielded*.
    Delay,
    /// They are left out: each tick is due at the first multiple of the period, counted from the first
    /// tick, that lies *after* the moment in which the one before was yielded.
    Skip,
}

/// Yields a tick now, and then one each `period`: the moment at which the tick was *due*. It does not
/// end.
///
/// A tick is yielded in the first poll in which the clock shows its moment, or a later one; a sleep
/// may be pending in such a poll, see [`Timer::sleep_until`]. A poll yields one tick. Until the next one is due the stream is pending, and wakes its task then, without
/// being polled in between.
///
/// The period may be as short as a nanosecond and as long as `Duration::MAX`; the stream may be polled
/// a year too late. A poll takes the same time in each case. A tick whose moment would be behind
/// [`Time::END`] is due at `Time::END`.
///
/// ```
/// use event_loop::{EventLoop, JumpingDriver};
/// use std::time::Duration;
/// use streams::{MissedTicks, collect, interval, map, take};
///
/// let event_loop = EventLoop::with_driver(JumpingDriver::new());
/// let ticks = interval(event_loop.handle(), Duration::from_secs(10), MissedTicks::Skip);
/// let due: Vec<_> = event_loop.block_on(collect(map(take(ticks, 3), |due| due.to_string())));
/// assert_eq!(due, ["0ns", "10s", "20s"]);
/// ```
///
/// # Panics
///
/// If `period` is zero: all ticks would be due at once.
pub fn interval<T: Timer>(timer: T, period: Duration, missed: MissedTicks) -> Interval<T> {
    todo!("the first tick is due now")
}

/// See [`interval`].
///
/// # Cancel safety
///
/// Dropping it removes its timer. [`next`](crate::next()) loses no tick when it is dropped.
#[must_use = "no tick is yielded unless it is polled"]
#[derive(Debug)]
pub struct Interval<T: Timer> {
    timer: T,
    period: Duration,
    missed: MissedTicks,
    // When is the next tick due, and what wakes the task then?
}

impl<T: Timer> Stream for Interval<T> {
    type Item = Time;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Time>> {
        let this = self.get_mut();
        todo!("is the tick due? Then: when is the next one?")
    }
}

/// An interval may be moved between two polls.
impl<T: Timer> Unpin for Interval<T> {}
