//! The course's own loops: chapter 04's, without an observer and in chapter 12's debug mode; and chapter 14's,
//! with all its steps and without one of them at a time.

use std::future::Future;
use std::time::Duration;

use debugging::DebugMode;
use event_loop::{EventLoop, Handle, Observer, ThreadDriver};
use speed::Steps;

use super::cases::{Case, Yields, far, players, polled_and_kept, polled_once, steps};
use super::{Runtime, per_step};

pub(crate) const RUNTIME: Runtime = Runtime {
    name: "chapter 04",
    run: |case| run_on(&EventLoop::new(), case),
};

/// The same loop with the observer that reports mistakes.
pub(crate) const DEBUG_MODE: Runtime = Runtime {
    name: "debug mode",
    run: |case| {
        let debug = DebugMode::new().on_warning(|_| {});
        run_on(&EventLoop::observed(ThreadDriver::new(), debug), case)
    },
};

/// The same observer with a limit for which the coarse clock is not precise enough.
pub(crate) const EXACT: Runtime = Runtime {
    name: "debug, exact",
    run: |case| {
        let debug = DebugMode::new().on_warning(|_| {});
        let debug = debug.with_limit(Duration::from_millis(99));
        run_on(&EventLoop::observed(ThreadDriver::new(), debug), case)
    },
};

/// Chapter 14's loop.
pub(crate) const FAST: Runtime = Runtime {
    name: "chapter 14",
    run: |case| run_fast(Steps::default(), case),
};

/// Chapter 14's loop without one of its steps, and with the LIFO slot, which is off otherwise.
pub(crate) const STEPS_ALONE: [Runtime; 5] = [
    Runtime {
        name: "no step",
        run: |case| run_fast(Steps::none(), case),
    },
    Runtime {
        name: "no queue",
        run: |case| {
            let steps = Steps {
                queue: false,
                ..Steps::default()
            };
            run_fast(steps, case)
        },
    },
    Runtime {
        name: "no counts",
        run: |case| {
            let steps = Steps {
                counts: false,
                ..Steps::default()
            };
            run_fast(steps, case)
        },
    },
    Runtime {
        name: "no reuse",
        run: |case| {
            let steps = Steps {
                reuse: false,
                ..Steps::default()
            };
            run_fast(steps, case)
        },
    },
    Runtime {
        name: "LIFO slot",
        run: |case| {
            let steps = Steps {
                lifo: true,
                ..Steps::default()
            };
            run_fast(steps, case)
        },
    },
];

fn run_fast(steps: Steps, case: Case) -> Option<f64> {
    run_on(
        &speed::EventLoop::stepped(ThreadDriver::new(), (), steps),
        case,
    )
}

/// Either loop.
trait Runs {
    fn handle(&self) -> Handle;
    fn block_on<F: Future>(&self, future: F) -> F::Output;
}

impl<O: Observer> Runs for EventLoop<ThreadDriver, O> {
    fn handle(&self) -> Handle {
        EventLoop::handle(self)
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        EventLoop::block_on(self, future)
    }
}

impl Runs for speed::EventLoop {
    fn handle(&self) -> Handle {
        speed::EventLoop::handle(self)
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        speed::EventLoop::block_on(self, future)
    }
}

fn run_on(event_loop: &impl Runs, case: Case) -> Option<f64> {
    let handle = event_loop.handle();
    Some(match case {
        Case::JoinOne => event_loop.block_on(async {
            let start = std::time::Instant::now();
            for step in 0..steps() {
                let _ = handle.spawn(async move { step }).await;
            }
            start.elapsed().as_nanos() as f64 / steps() as f64
        }),
        Case::JoinMany => event_loop.block_on(async {
            let start = std::time::Instant::now();
            for _ in 0..steps() / 1_000 {
                let tasks: Vec<_> = (0..1_000).map(|n| handle.spawn(async move { n })).collect();
                for task in tasks {
                    let _ = task.await;
                }
            }
            start.elapsed().as_nanos() as f64 / steps() as f64
        }),
        Case::PingPong => {
            let (one, other) = players();
            let other = handle.spawn(other);
            per_step(steps(), || {
                event_loop.block_on(async {
                    one.await;
                    let _ = other.await;
                })
            })
        }
        Case::YieldOne => per_step(steps(), || {
            event_loop.block_on(async {
                let _ = handle.spawn(Yields(steps())).await;
            })
        }),
        Case::YieldMany => {
            let tasks: Vec<_> = (0..1_000)
                .map(|_| handle.spawn(Yields(steps() / 1_000)))
                .collect();
            per_step(steps(), || {
                event_loop.block_on(async {
                    for task in tasks {
                        let _ = task.await;
                    }
                })
            })
        }
        Case::TimerOne => event_loop.block_on(async {
            let start = std::time::Instant::now();
            for step in 0..steps() {
                polled_once(handle.sleep(far(step))).await;
            }
            start.elapsed().as_nanos() as f64 / steps() as f64
        }),
        Case::TimerMany => event_loop.block_on(async {
            let mut live: Vec<_> = (0..1_000_000).map(|n| handle.sleep(far(n))).collect();
            polled_and_kept(&mut live).await;
            let start = std::time::Instant::now();
            for step in 0..steps() {
                polled_once(handle.sleep(far(step))).await;
            }
            start.elapsed().as_nanos() as f64 / steps() as f64
        }),
    })
}
