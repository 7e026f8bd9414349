//! Jobs that do nothing, so that a row is the cost of handing one over and of hearing that it is done.

use std::time::{Duration, Instant};

use ::blocking::{Limits, ThreadPool};
use futures::future::join_all;

use crate::table::median;

/// Jobs of one measured run, at least.
const JOBS: usize = 5_000;

/// A pool of threads, and how it runs a number of jobs at the same time, again and again; nanoseconds a job.
struct Pool {
    name: &'static str,
    run: fn(at_once: usize) -> f64,
}

const POOLS: [Pool; 3] = [
    Pool {
        name: "ThreadPool",
        run: ours,
    },
    Pool {
        name: "tokio spawn_blocking",
        run: tokio,
    },
    Pool {
        name: "blocking::unblock",
        run: unblock,
    },
];

pub(super) fn measure(rounds: u32) {
    println!("nanoseconds for a job of a pool of threads, submitted and awaited");
    print!("{:>10}", "at once");
    for pool in &POOLS {
        print!("{:>22}", pool.name);
    }
    println!();
    for at_once in [1, 10, 100] {
        let mut results = POOLS.map(|_| Vec::new());
        for round in 0..rounds as usize {
            for turn in 0..POOLS.len() {
                let which = (turn + round) % POOLS.len();
                results[which].push((POOLS[which].run)(at_once));
            }
        }
        print!("{at_once:>10}");
        for mut values in results {
            print!("{:>22.0}", median(&mut values));
        }
        println!();
    }
}

fn ours(at_once: usize) -> f64 {
    let limits = Limits {
        threads: 4,
        idle: Duration::from_secs(10),
    };
    let pool = ThreadPool::new("bench", limits);
    let event_loop = event_loop::EventLoop::new();
    event_loop.block_on(async {
        let job = || {
            pool.submit(|| ())
                .unwrap_or_else(|_| unreachable!("it is open"))
        };
        repeated(at_once, || join_all((0..at_once).map(|_| job()))).await
    })
}

fn tokio(at_once: usize) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(4)
        .build()
        .expect("the system starts it");
    runtime.block_on(async {
        let job = || tokio::task::spawn_blocking(|| ());
        repeated(at_once, || join_all((0..at_once).map(|_| job()))).await
    })
}

/// Its number of threads is that of the environment variable `BLOCKING_MAX_THREADS`, 500 if there is none.
fn unblock(at_once: usize) -> f64 {
    futures_lite::future::block_on(async {
        let job = || peer_blocking::unblock(|| ());
        repeated(at_once, || join_all((0..at_once).map(|_| job()))).await
    })
}

async fn repeated<F: Future>(at_once: usize, jobs: impl Fn() -> F) -> f64 {
    drop(jobs().await); // The threads start.
    let rounds = JOBS.div_ceil(at_once);
    let start = Instant::now();
    for _ in 0..rounds {
        drop(jobs().await);
    }
    start.elapsed().as_nanos() as f64 / (rounds * at_once) as f64
}
