//! Executors with several threads: chapter 14's, tokio's and async-executor's, beside chapter 04's loop on
//! one thread. One call is one measured run, in nanoseconds for each step.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use event_loop::{EventLoop, yield_now};
use futures::future::join_all;
use speed::stealing::Workers;

use crate::echo::load::{Clients, Load};
use crate::echo::peer::PEERS;
use crate::echo::{machine, workshop};
use crate::table::median;

/// How many steps a measured run takes.
const STEPS: usize = 20_000;

#[derive(Clone, Copy)]
enum Case {
    /// The caller's thread spawns a thousand tasks and awaits them.
    SpawnFromOutside,
    /// A task spawns a thousand tasks and awaits them.
    SpawnFromATask,
    /// Two tasks hand a value to and fro.
    Wake,
    /// A hundred tasks, each of which yields again and again.
    Yield,
    /// A hundred tasks that compute for about ten microseconds between two yields.
    Compute,
}

const CASES: [Case; 5] = [
    Case::SpawnFromOutside,
    Case::SpawnFromATask,
    Case::Wake,
    Case::Yield,
    Case::Compute,
];

impl Case {
    fn name(self) -> &'static str {
        match self {
            Case::SpawnFromOutside => "spawn and join, from another thread",
            Case::SpawnFromATask => "spawn and join, from a task",
            Case::Wake => "two tasks wake each other",
            Case::Yield => "yield, 100 tasks",
            Case::Compute => "compute 10 µs, 100 tasks",
        }
    }

    fn steps(self) -> usize {
        match self {
            Case::Compute => STEPS / 10,
            _ => STEPS,
        }
    }
}

type Joined = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What the cases need of an executor.
trait Executor: Clone + Send + 'static {
    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) -> Joined;
}

#[derive(Clone)]
struct Ours(std::sync::Arc<Workers>);

impl Executor for Ours {
    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) -> Joined {
        let handle = self.0.spawn(future);
        Box::pin(async move { handle.await.expect("no task panics") })
    }
}

#[derive(Clone)]
struct Tokio(tokio::runtime::Handle);

impl Executor for Tokio {
    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) -> Joined {
        let handle = self.0.spawn(future);
        Box::pin(async move { handle.await.expect("no task panics") })
    }
}

#[derive(Clone)]
struct Smol(std::sync::Arc<async_executor::Executor<'static>>);

impl Executor for Smol {
    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) -> Joined {
        Box::pin(self.0.spawn(future))
    }
}

/// Runs the case from the caller's thread, and divides by the number of steps.
fn run(case: Case, executor: &impl Executor) -> f64 {
    let start = Instant::now();
    match case {
        Case::SpawnFromOutside => wakers::block_on(spawns(executor.clone(), case.steps())),
        Case::SpawnFromATask => {
            wakers::block_on(executor.spawn(spawns(executor.clone(), case.steps())));
        }
        Case::Wake => wakers::block_on(wakes(executor, case.steps())),
        Case::Yield | Case::Compute => {
            wakers::block_on(join_all(yields(case, |task| executor.spawn(task))));
        }
    }
    start.elapsed().as_nanos() as f64 / case.steps() as f64
}

async fn spawns(executor: impl Executor, steps: usize) {
    for _ in 0..steps / 1_000 {
        let tasks: Vec<_> = (0..1_000).map(|_| executor.spawn(async {})).collect();
        for task in tasks {
            task.await;
        }
    }
}

async fn wakes(executor: &impl Executor, steps: usize) {
    let (there, mut from_there) = futures::channel::mpsc::unbounded();
    let (back, mut from_back) = futures::channel::mpsc::unbounded();
    let a = executor.spawn(async move {
        for _ in 0..steps / 2 {
            there.unbounded_send(()).expect("the other receives");
            futures::StreamExt::next(&mut from_back).await;
        }
    });
    let b = executor.spawn(async move {
        for _ in 0..steps / 2 {
            futures::StreamExt::next(&mut from_there).await;
            let _last = back.unbounded_send(());
        }
    });
    a.await;
    b.await;
}

fn yields<T>(case: Case, mut spawn: impl FnMut(Joined) -> T) -> Vec<T> {
    let task = || -> Joined {
        Box::pin(async move {
            for _ in 0..case.steps() / 100 {
                if matches!(case, Case::Compute) {
                    compute();
                }
                yield_now().await;
            }
        })
    };
    (0..100).map(|_| spawn(task())).collect()
}

/// About ten microseconds of arithmetic.
fn compute() {
    let mut value = 1_u64;
    for step in 0..8_000 {
        value = std::hint::black_box(value.wrapping_mul(6_364_136_223_846_793_005) ^ step);
    }
    std::hint::black_box(value);
}

/// Chapter 04's loop, on the thread of the caller.
fn one_thread(case: Case) -> f64 {
    let event_loop = EventLoop::new();
    let handle = event_loop.handle();
    let start = Instant::now();
    event_loop.block_on(async {
        match case {
            Case::SpawnFromOutside | Case::SpawnFromATask => {
                for _ in 0..case.steps() / 1_000 {
                    let tasks: Vec<_> = (0..1_000).map(|_| handle.spawn(async {})).collect();
                    for task in tasks {
                        task.await.expect("no task panics");
                    }
                }
            }
            Case::Wake => {
                let (there, mut from_there) = futures::channel::mpsc::unbounded();
                let (back, mut from_back) = futures::channel::mpsc::unbounded();
                let steps = case.steps();
                let a = handle.spawn(async move {
                    for _ in 0..steps / 2 {
                        there.unbounded_send(()).expect("the other receives");
                        futures::StreamExt::next(&mut from_back).await;
                    }
                });
                for _ in 0..steps / 2 {
                    futures::StreamExt::next(&mut from_there).await;
                    let _last = back.unbounded_send(());
                }
                a.await.expect("no task panics");
            }
            Case::Yield | Case::Compute => {
                join_all(yields(case, |task| handle.spawn(task))).await;
            }
        }
    });
    start.elapsed().as_nanos() as f64 / case.steps() as f64
}

const NAMES: [&str; 7] = [
    "chapter 04",
    "stealing 1",
    "stealing 2",
    "tokio 1",
    "tokio 2",
    "smol 1",
    "smol 2",
];

/// Measures every executor in turn, and prints a table.
///
/// # Errors
///
/// If the system starts no thread.
pub(crate) fn measure(rounds: u32) -> anyhow::Result<()> {
    let ours = [1, 2].map(|count| Workers::new(count).map(|workers| Ours(workers.into())));
    let [ours_1, ours_2] = ours;
    let ours = [ours_1?, ours_2?];
    let runtimes = [tokio_with(1)?, tokio_with(2)?];
    let smols = [smol_with(1)?, smol_with(2)?];
    for line in machine::description() {
        println!("{line}");
    }
    if let Some(load) = machine::load_average() {
        println!("load average {load} at the beginning");
    }
    println!("cargo run --release -p bench -- workers: {rounds} rounds\n");
    let heads = NAMES.map(|name| format!("{name:>12}"));
    println!("{:38}{}", "ns each, median of the rounds", heads.concat());
    for case in CASES {
        let mut results = vec![Vec::new(); NAMES.len()];
        for round in 0..rounds as usize {
            for turn in 0..NAMES.len() {
                let which = (turn + round) % NAMES.len();
                results[which].push(match which {
                    0 => one_thread(case),
                    1 | 2 => run(case, &ours[which - 1]),
                    3 | 4 => run(case, &Tokio(runtimes[which - 3].handle().clone())),
                    _ => run(case, &smols[which - 5]),
                });
            }
        }
        let cells = results
            .iter_mut()
            .map(|values| format!("{:>12.0}", median(values)));
        println!("{:38}{}", case.name(), cells.collect::<String>());
    }
    echo(rounds)
}

/// The servers with several threads that are compared, and those with one thread beside them.
const SERVERS: [&str; 5] = [
    "this course, 1 worker",
    "this course, 2 workers",
    "tokio, current thread",
    "tokio, 2 threads",
    "stealing, 2 workers",
];

/// Requests a second of fifty clients, where servers and load share all cores.
fn echo(rounds: u32) -> anyhow::Result<()> {
    const LOAD: Load = Load {
        clients: 50,
        bytes: 64,
    };
    let workshop = workshop()?;
    let mut servers = Vec::new();
    for name in SERVERS {
        let peer = PEERS.iter().find(|peer| peer.name == name);
        servers.push(peer.expect("it is one of the peers").start(&workshop)?);
    }
    let mut results = vec![Vec::new(); SERVERS.len()];
    for round in 0..rounds as usize {
        for turn in 0..SERVERS.len() {
            let which = (turn + round) % SERVERS.len();
            let mut clients = Clients::connect(servers[which].address, LOAD)?;
            let served = clients.run(Duration::from_millis(100))?;
            results[which].push(served.requests as f64 / served.seconds);
        }
    }
    println!("\nechoes a second, 50 clients × 64 bytes, servers and load on the same cores");
    for (name, rates) in SERVERS.iter().zip(&mut results) {
        println!("{name:24}{:>12.0}", median(rates));
    }
    Ok(())
}

fn tokio_with(threads: usize) -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .build()
}

/// Its threads run until the process ends.
fn smol_with(threads: usize) -> std::io::Result<Smol> {
    let executor = std::sync::Arc::new(async_executor::Executor::new());
    for _ in 0..threads {
        let executor = std::sync::Arc::clone(&executor);
        let never = futures::future::pending::<()>();
        std::thread::Builder::new()
            .spawn(move || futures_lite::future::block_on(executor.run(never)))?;
    }
    Ok(Smol(executor))
}
