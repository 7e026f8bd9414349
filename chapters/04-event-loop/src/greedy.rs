//! A greedy task beside one that ticks, on a clock that moves only when a task or the loop advances it:
//! the same figures on every machine.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use crate::{Driver, EventLoop, Handle, JumpingDriver, yield_now};

/// The time that the greedy task takes for one item. It never runs out of items.
pub const ITEM: Duration = Duration::from_micros(20);

/// The time that the loop takes to poll the operating system for events, once in each iteration.
pub const LOOK: Duration = Duration::from_micros(6);

/// The period of the other task's ticks.
pub const PERIOD: Duration = Duration::from_millis(1);

/// How long the measurement lasts.
const SPAN: Duration = Duration::from_secs(5);

/// The measurement for one number of items in each poll of the greedy task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// How late the latest tick was.
    pub latest: Duration,
    /// Which part of the time went into items, in thousandths.
    pub working: u32,
}

/// Runs the two tasks for five seconds of their own clock.
///
/// # Panics
///
/// If `batch` is zero: the greedy task would spin, and the clock would stand still.
#[must_use]
pub fn measure(batch: u32) -> Measured {
    assert!(batch > 0, "a poll does one item at the least");
    let driver = JumpingDriver::with_cost_of_a_park(LOOK);
    let event_loop = EventLoop::with_driver(driver.clone());
    let handle = event_loop.handle();
    let items: Rc<Cell<u32>> = Rc::default();
    let latest = event_loop.block_on(async {
        drop(handle.spawn(greedy(driver.clone(), batch, Rc::clone(&items))));
        ticks(handle).await
    });
    let working = ITEM.as_micros() * u128::from(items.get()) * 1_000;
    let share = working / driver.now().since_start().as_micros();
    Measured {
        latest,
        working: u32::try_from(share).unwrap_or(u32::MAX),
    }
}

// ANCHOR: tasks
/// Does `batch` items, yields to the other tasks, and repeats.
async fn greedy(driver: JumpingDriver, batch: u32, items: Rc<Cell<u32>>) {
    loop {
        for _ in 0..batch {
            driver.spend(ITEM);
            items.set(items.get() + 1);
        }
        yield_now().await;
    }
}

/// Ticks once in each period, and records how late the latest tick was.
async fn ticks(handle: Handle) -> Duration {
    let (mut due, mut latest) = (handle.now(), Duration::ZERO);
    while due.since_start() < SPAN {
        due = due + PERIOD;
        handle.sleep_until(due).await;
        latest = latest.max(handle.now() - due);
    }
    latest
}
// ANCHOR_END: tasks

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_waits_for_two_batches_and_no_more() {
        for batch in [1, 5, 12, 40] {
            let most = 2 * (ITEM * batch + LOOK);
            let latest = measure(batch).latest;
            assert!(latest <= most && latest + ITEM * 2 > most, "{latest:?}");
        }
    }

    #[test]
    fn small_batches_leave_less_time_for_work() {
        assert!(measure(1).working < measure(2).working);
        assert_eq!(measure(1), measure(1));
    }
}
