//! The others, each used as its own documentation does.

use std::time::Instant;

use futures::task::LocalSpawnExt;

use super::cases::{Case, Yields, far, players, polled_and_kept, polled_once, steps};
use super::{Runtime, per_step};

pub(crate) const TOKIO: Runtime = Runtime {
    name: "tokio ct",
    run: tokio,
};

pub(crate) const SMOL: Runtime = Runtime {
    name: "smol",
    run: smol,
};

pub(crate) const LOCAL_POOL: Runtime = Runtime {
    name: "LocalPool",
    run: local_pool,
};

fn tokio(case: Case) -> Option<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("tokio's runtime");
    Some(runtime.block_on(async {
        match case {
            Case::JoinOne => {
                let start = Instant::now();
                for step in 0..steps() {
                    let _ = tokio::spawn(async move { step }).await;
                }
                start.elapsed().as_nanos() as f64 / steps() as f64
            }
            Case::JoinMany => {
                let start = Instant::now();
                for _ in 0..steps() / 1_000 {
                    let tasks: Vec<_> =
                        (0..1_000).map(|n| tokio::spawn(async move { n })).collect();
                    for task in tasks {
                        let _ = task.await;
                    }
                }
                start.elapsed().as_nanos() as f64 / steps() as f64
            }
            Case::PingPong => {
                let (one, other) = players();
                let start = Instant::now();
                let other = tokio::spawn(other);
                one.await;
                let _ = other.await;
                start.elapsed().as_nanos() as f64 / steps() as f64
            }
            Case::YieldOne => {
                let start = Instant::now();
                let _ = tokio::spawn(Yields(steps())).await;
                start.elapsed().as_nanos() as f64 / steps() as f64
            }
            Case::YieldMany => {
                let tasks: Vec<_> = (0..1_000)
                    .map(|_| tokio::spawn(Yields(steps() / 1_000)))
                    .collect();
                let start = Instant::now();
                for task in tasks {
                    let _ = task.await;
                }
                start.elapsed().as_nanos() as f64 / steps() as f64
            }
            Case::TimerOne => {
                let start = Instant::now();
                for step in 0..steps() {
                    polled_once(tokio::time::sleep(far(step))).await;
                }
                start.elapsed().as_nanos() as f64 / steps() as f64
            }
            Case::TimerMany => {
                let mut live: Vec<_> = (0..1_000_000)
                    .map(|n| Box::pin(tokio::time::sleep(far(n))))
                    .collect();
                polled_and_kept(&mut live).await;
                let start = Instant::now();
                for step in 0..steps() {
                    polled_once(tokio::time::sleep(far(step))).await;
                }
                start.elapsed().as_nanos() as f64 / steps() as f64
            }
        }
    }))
}

fn smol(case: Case) -> Option<f64> {
    let executor = async_executor::LocalExecutor::new();
    let spawn_all = |count: usize| (0..count).map(|n| executor.spawn(async move { n }));
    Some(async_io::block_on(executor.run(async {
        match case {
            Case::JoinOne => {
                let start = Instant::now();
                for step in 0..steps() {
                    let _ = executor.spawn(async move { step }).await;
                }
                start.elapsed().as_nanos() as f64 / steps() as f64
            }
            Case::JoinMany => {
                let start = Instant::now();
                for _ in 0..steps() / 1_000 {
                    let tasks: Vec<_> = spawn_all(1_000).collect();
                    for task in tasks {
                        let _ = task.await;
                    }
                }
                start.elapsed().as_nanos() as f64 / steps() as f64
            }
            Case::PingPong => {
                let (one, other) = players();
                let start = Instant::now();
                let other = executor.spawn(other);
                one.await;
                other.await;
                start.elapsed().as_nanos() as f64 / steps() as f64
            }
            Case::YieldOne => {
                let start = Instant::now();
                executor.spawn(Yields(steps())).await;
                start.elapsed().as_nanos() as f64 / steps() as f64
            }
            Case::YieldMany => {
                let tasks: Vec<_> = (0..1_000)
                    .map(|_| executor.spawn(Yields(steps() / 1_000)))
                    .collect();
                let start = Instant::now();
                for task in tasks {
                    task.await;
                }
                start.elapsed().as_nanos() as f64 / steps() as f64
            }
            Case::TimerOne => {
                let start = Instant::now();
                for step in 0..steps() {
                    polled_once(async_io::Timer::after(far(step))).await;
                }
                start.elapsed().as_nanos() as f64 / steps() as f64
            }
            Case::TimerMany => {
                let mut live: Vec<_> = (0..1_000_000)
                    .map(|n| async_io::Timer::after(far(n)))
                    .collect();
                polled_and_kept(&mut live).await;
                let start = Instant::now();
                for step in 0..steps() {
                    polled_once(async_io::Timer::after(far(step))).await;
                }
                start.elapsed().as_nanos() as f64 / steps() as f64
            }
        }
    })))
}

fn local_pool(case: Case) -> Option<f64> {
    let mut pool = futures::executor::LocalPool::new();
    let spawner = pool.spawner();
    Some(match case {
        Case::JoinOne => per_step(steps(), || {
            pool.run_until(async {
                for step in 0..steps() {
                    let task = spawner.spawn_local_with_handle(async move { step });
                    task.expect("a pool that runs").await;
                }
            })
        }),
        Case::JoinMany => per_step(steps(), || {
            pool.run_until(async {
                for _ in 0..steps() / 1_000 {
                    let tasks: Vec<_> = (0..1_000)
                        .map(|n| spawner.spawn_local_with_handle(async move { n }))
                        .collect();
                    for task in tasks {
                        task.expect("a pool that runs").await;
                    }
                }
            })
        }),
        Case::PingPong => {
            let (one, other) = players();
            per_step(steps(), || {
                pool.run_until(async {
                    let other = spawner.spawn_local_with_handle(other);
                    one.await;
                    other.expect("a pool that runs").await;
                })
            })
        }
        Case::YieldOne => per_step(steps(), || {
            pool.run_until(async {
                let task = spawner.spawn_local_with_handle(Yields(steps()));
                task.expect("a pool that runs").await;
            })
        }),
        Case::YieldMany => per_step(steps(), || {
            pool.run_until(async {
                let tasks: Vec<_> = (0..1_000)
                    .map(|_| spawner.spawn_local_with_handle(Yields(steps() / 1_000)))
                    .collect();
                for task in tasks {
                    task.expect("a pool that runs").await;
                }
            })
        }),
        Case::TimerOne | Case::TimerMany => return None,
    })
}
