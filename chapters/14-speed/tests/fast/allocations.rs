//! How often the loop allocates.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use event_loop::{Spawn, ThreadDriver, yield_now};
use probe_futures::heap::allocations;
use speed::{EventLoop, Steps};

/// How often the second run of `step` allocates, of a hundred. The first run fills what is kept for later.
async fn counted<F: Future<Output = ()>>(mut step: impl FnMut() -> F) -> usize {
    for _ in 0..100 {
        step().await;
    }
    let before = allocations();
    for _ in 0..100 {
        step().await;
    }
    allocations() - before
}

#[test]
fn a_wake_a_yield_and_a_timer_allocate_nothing() {
    async fn step(handle: &event_loop::Handle) {
        yield_now().await;
        let mut sleep = pin!(handle.sleep(Duration::from_secs(3600)));
        poll_fn(|context| {
            assert!(sleep.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    // The parts of chapter 04 below both loops allocate nothing, either. A learner's may.
    let parts = event_loop::EventLoop::new();
    let handle = parts.handle();
    let below = parts.block_on(counted(|| step(&handle)));
    let event_loop = EventLoop::new();
    let handle = event_loop.handle();
    let count = event_loop.block_on(counted(|| step(&handle)));
    assert_eq!(count, below);
}

#[test]
fn a_spawned_future_allocates_its_box_alone_and_its_waker_without_the_step() {
    for (reuse, expected) in [(true, 100), (false, 200)] {
        let steps = Steps {
            reuse,
            ..Steps::default()
        };
        let event_loop = EventLoop::stepped(ThreadDriver::new(), (), steps);
        let handle = event_loop.handle();
        // What the two iterations allocate by themselves: nothing, unless a part of chapter 04 is a learner's.
        let below = event_loop.block_on(counted(|| async {
            yield_now().await;
            yield_now().await;
        }));
        let count = event_loop.block_on(counted(|| {
            handle.spawn_boxed(Box::pin(yield_now()));
            async {
                yield_now().await;
                yield_now().await;
            }
        }));
        assert_eq!(count - below, expected, "{steps:?}");
    }
}
