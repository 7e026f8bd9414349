//! Five things that a request is made of, and what a thousand of each take on the loop of chapter 04.

use std::fs::File;
use std::future::{Future, poll_fn};
use std::hint::black_box;
use std::io::{self, Read};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use event_loop::EventLoop;

/// One of the five.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// An `.await` of a future that is ready at its first poll.
    ReadyAwait,
    /// A wake, the loop's way to the task, and the poll.
    Wake,
    /// A task that is spawned, polled once and joined.
    Spawn,
    /// A timer that is set and dropped before it fires.
    Timer,
    /// A read from the null device: the shortest way into the kernel that does something, and back.
    SystemCall,
}

impl Thing {
    /// All five.
    pub const ALL: [Thing; 5] = [
        Thing::ReadyAwait,
        Thing::Wake,
        Thing::Spawn,
        Thing::Timer,
        Thing::SystemCall,
    ];

    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Thing::ReadyAwait => "an await that is ready",
            Thing::Wake => "a wake and its poll",
            Thing::Spawn => "spawn, poll and join",
            Thing::Timer => "a timer, set and dropped",
            Thing::SystemCall => "a system call",
        }
    }
}

/// Does it a thousand times, and returns how long that took.
///
/// # Errors
///
/// If the null device cannot be read.
pub fn thousand(thing: Thing) -> io::Result<Duration> {
    let event_loop = EventLoop::new();
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let start = Instant::now();
        match thing {
            Thing::ReadyAwait => ready_awaits().await,
            Thing::Wake => wakes().await,
            Thing::Spawn => {
                for number in 0..1_000 {
                    let joined = handle.spawn(async move { number }).await;
                    black_box(joined.expect("it does not panic"));
                }
            }
            Thing::Timer => {
                for _ in 0..1_000 {
                    let mut sleep = pin!(handle.sleep(Duration::from_secs(3_600)));
                    poll_fn(|context| {
                        assert!(sleep.as_mut().poll(context).is_pending());
                        Poll::Ready(())
                    })
                    .await;
                }
            }
            Thing::SystemCall => {
                let mut device = File::open(NULL)?;
                for _ in 0..1_000 {
                    black_box(device.read(&mut [0; 16])?);
                }
            }
        }
        Ok(start.elapsed())
    })
}

const NULL: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

// ANCHOR: ready
async fn ready_awaits() {
    async fn ready(number: u64) -> u64 {
        black_box(number)
    }
    for number in 0..1_000 {
        black_box(ready(black_box(number)).await);
    }
}
// ANCHOR_END: ready

/// The task wakes itself a thousand times, and is polled after each.
async fn wakes() {
    let mut left = 1_000;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// The median of `rounds` rounds for each of the five, measured in turn: a disturbance that lasts for
/// some rounds hits all five.
///
/// # Errors
///
/// As [`thousand`].
pub fn medians(rounds: usize) -> io::Result<[Duration; 5]> {
    let mut measured = [(); 5].map(|()| Vec::with_capacity(rounds));
    for round in 0..rounds {
        for turn in 0..5 {
            let which = (round + turn) % 5;
            measured[which].push(thousand(Thing::ALL[which])?);
        }
    }
    Ok(measured.map(|mut durations| {
        durations.sort_unstable();
        durations[durations.len() / 2]
    }))
}
