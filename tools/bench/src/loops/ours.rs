//! The course's own loop, of chapter 04, without an observer and in chapter 12's debug mode.

use std::time::Duration;

use debugging::DebugMode;
use event_loop::{EventLoop, Observer, ThreadDriver};

use super::cases::{Case, STEPS, Yields, far, players, polled_and_kept, polled_once};
use super::{Runtime, per_step};

pub(crate) const RUNTIME: Runtime = Runtime {
    name: "chapter 04",
    run,
};

/// The same loop with the observer that reports mistakes.
pub(crate) const DEBUG_MODE: Runtime = Runtime {
    name: "debug mode",
    run: run_in_debug_mode,
};

/// The same observer with a limit for which the coarse clock is not precise enough.
pub(crate) const EXACT: Runtime = Runtime {
    name: "debug, exact",
    run: run_with_the_precise_clock,
};

fn run(case: Case) -> Option<f64> {
    run_on(&EventLoop::new(), case)
}

fn run_in_debug_mode(case: Case) -> Option<f64> {
    let debug = DebugMode::new().on_warning(|_| {});
    run_on(&EventLoop::observed(ThreadDriver::new(), debug), case)
}

fn run_with_the_precise_clock(case: Case) -> Option<f64> {
    let debug = DebugMode::new().on_warning(|_| {});
    let debug = debug.with_limit(Duration::from_millis(99));
    run_on(&EventLoop::observed(ThreadDriver::new(), debug), case)
}

fn run_on<O: Observer>(event_loop: &EventLoop<ThreadDriver, O>, case: Case) -> Option<f64> {
    let handle = event_loop.handle();
    Some(match case {
        Case::JoinOne => event_loop.block_on(async {
            let start = std::time::Instant::now();
            for step in 0..STEPS {
                let _ = handle.spawn(async move { step }).await;
            }
            start.elapsed().as_nanos() as f64 / STEPS as f64
        }),
        Case::JoinMany => event_loop.block_on(async {
            let start = std::time::Instant::now();
            for _ in 0..STEPS / 1_000 {
                let tasks: Vec<_> = (0..1_000).map(|n| handle.spawn(async move { n })).collect();
                for task in tasks {
                    let _ = task.await;
                }
            }
            start.elapsed().as_nanos() as f64 / STEPS as f64
        }),
        Case::PingPong => {
            let (one, other) = players();
            let other = handle.spawn(other);
            per_step(STEPS, || {
                event_loop.block_on(async {
                    one.await;
                    let _ = other.await;
                })
            })
        }
        Case::YieldOne => per_step(STEPS, || {
            event_loop.block_on(async {
                let _ = handle.spawn(Yields(STEPS)).await;
            })
        }),
        Case::YieldMany => {
            let tasks: Vec<_> = (0..1_000)
                .map(|_| handle.spawn(Yields(STEPS / 1_000)))
                .collect();
            per_step(STEPS, || {
                event_loop.block_on(async {
                    for task in tasks {
                        let _ = task.await;
                    }
                })
            })
        }
        Case::TimerOne => event_loop.block_on(async {
            let start = std::time::Instant::now();
            for step in 0..STEPS {
                polled_once(handle.sleep(far(step))).await;
            }
            start.elapsed().as_nanos() as f64 / STEPS as f64
        }),
        Case::TimerMany => event_loop.block_on(async {
            let mut live: Vec<_> = (0..1_000_000).map(|n| handle.sleep(far(n))).collect();
            polled_and_kept(&mut live).await;
            let start = std::time::Instant::now();
            for step in 0..STEPS {
                polled_once(handle.sleep(far(step))).await;
            }
            start.elapsed().as_nanos() as f64 / STEPS as f64
        }),
    })
}
