//! A loop and a pool under a steady load, on a simulated clock: the instrument of an exercise.
//!
//! A burst of six requests arrives every 100 ms. Each request makes one call that blocks for 20 to 70 ms.
//! A task of the loop ticks every 10 ms. The instrument runs for two seconds.

use std::cell::Cell;
use std::time::Duration;

use event_loop::{EventLoop, JumpingDriver, Time};
use futures::future::join;

/// How long the calls of one burst block, in their order.
pub const CALLS: [Duration; 6] = [
    Duration::from_millis(20),
    Duration::from_millis(70),
    Duration::from_millis(30),
    Duration::from_millis(60),
    Duration::from_millis(40),
    Duration::from_millis(50),
];

const EVERY: Duration = Duration::from_millis(100);
const BURSTS: u32 = 20;
const TICK: Duration = Duration::from_millis(10);

/// Which thread makes the blocking calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// The loop's own.
    Loop,
    /// Those of a pool, and how many there are.
    Pool(usize),
}

/// What the instrument found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// By how much the latest tick was late.
    pub latest_tick: Duration,
    /// How long a request waited at most until its call began.
    pub longest_wait: Duration,
    /// The same in the last burst.
    pub last_wait: Duration,
}

/// Measures for two seconds of simulated time.
///
/// # Panics
///
/// If a pool has no thread.
#[must_use]
pub fn measure(caller: Caller) -> Measured {
    let waits = match caller {
        Caller::Loop => waits(1),
        Caller::Pool(threads) => waits(threads),
    };
    let in_the_loop = caller == Caller::Loop;
    Measured {
        latest_tick: latest_tick(in_the_loop),
        longest_wait: waits.iter().copied().max().unwrap_or_default(),
        last_wait: waits[waits.len() - CALLS.len()..]
            .iter()
            .copied()
            .max()
            .unwrap_or_default(),
    }
}

/// How long each request waits for a thread. The oldest request goes to the thread that is free first.
fn waits(threads: usize) -> Vec<Duration> {
    assert!(threads > 0, "a pool needs a thread");
    let mut free_at = vec![Duration::ZERO; threads];
    let mut waits = Vec::new();
    for burst in 0..BURSTS {
        let arrival = burst * EVERY;
        for call in CALLS {
            let first = free_at.iter_mut().min().expect("there is a thread");
            let start = arrival.max(*first);
            *first = start + call;
            waits.push(start - arrival);
        }
    }
    waits
}

/// By how much the latest tick is late.
fn latest_tick(calls_in_the_loop: bool) -> Duration {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let latest = Cell::new(Duration::ZERO);
    let ticks = async {
        for number in 1..=BURSTS * 10 {
            let due = Time::after_start(number * TICK);
            handle.sleep_until(due).await;
            latest.set(latest.get().max(handle.now() - due));
        }
    };
    let requests = async {
        for burst in 0..BURSTS {
            handle.sleep_until(Time::after_start(burst * EVERY)).await;
            if calls_in_the_loop {
                CALLS
                    .iter()
                    .for_each(|call| event_loop.driver().spend(*call));
            }
        }
    };
    event_loop.block_on(join(ticks, requests));
    latest.get()
}
