//! Locks and channels of one thread, against tokio's, async-lock's and async-channel's. All of them run
//! on chapter 04's loop, so that the lock and not the loop is compared.

use std::cell::Cell;
use std::future::Future;
use std::hint::black_box;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use event_loop::{EventLoop, yield_now};

use crate::table::median;

/// How often a lock is taken in one measured run.
const LOCKS: usize = 100_000;

/// How many tasks want the lock at the same time.
const TASKS: usize = 100;

/// The room of the channels.
const ROOM: usize = 64;

#[derive(Clone, Copy)]
enum Case {
    /// A task locks and unlocks, and no other wants the lock.
    Uncontended,
    /// A hundred tasks want it, and each keeps it for one iteration of the loop.
    Contended,
    /// One task sends this number of values, and another receives them.
    Channel(usize),
    /// This number of tasks waits for one permit, and each passes it on.
    Waiters(usize),
}

const CASES: [Case; 8] = [
    Case::Uncontended,
    Case::Contended,
    Case::Channel(10),
    Case::Channel(1_000),
    Case::Channel(1_000_000),
    Case::Waiters(10),
    Case::Waiters(1_000),
    Case::Waiters(100_000),
];

impl Case {
    fn name(self) -> String {
        match self {
            Case::Uncontended => "lock and unlock, no task waits".to_owned(),
            Case::Contended => format!("lock, {TASKS} tasks want it, a lock"),
            Case::Channel(values) => format!("channel of {ROOM}, {values} values, a value"),
            Case::Waiters(tasks) => format!("one permit, {tasks} tasks wait, a task"),
        }
    }
}

/// A family of locks and channels: one call is one measured run, in nanoseconds for each step.
struct Family {
    name: &'static str,
    run: fn(Case) -> Option<f64>,
}

const FAMILIES: [Family; 4] = [
    Family {
        name: "chapter 08",
        run: ours,
    },
    Family {
        name: "tokio",
        run: tokio,
    },
    Family {
        name: "async-lock",
        run: async_lock,
    },
    Family {
        name: "async-channel",
        run: async_channel,
    },
];

pub(crate) fn measure(rounds: u32) {
    let heads = FAMILIES.map(|family| format!("{:>14}", family.name));
    println!(
        "{:42}{}{:>10}",
        "ns each, median of the rounds",
        heads.concat(),
        "÷ tokio"
    );
    for case in CASES {
        let mut results = vec![Vec::new(); FAMILIES.len()];
        for round in 0..rounds as usize {
            for turn in 0..FAMILIES.len() {
                let which = (turn + round) % FAMILIES.len();
                results[which].extend((FAMILIES[which].run)(case));
            }
        }
        let medians: Vec<Option<f64>> = results
            .iter_mut()
            .map(|values| (!values.is_empty()).then(|| median(values)))
            .collect();
        let cells = medians.iter().map(|median| match median {
            Some(ns) => format!("{ns:>14.0}"),
            None => format!("{:>14}", "–"),
        });
        let ratio = match (medians[0], medians[1]) {
            (Some(ours), Some(tokio)) => format!("{:>10.2}", ours / tokio),
            _ => String::new(),
        };
        println!("{:42}{}{ratio}", case.name(), cells.collect::<String>());
    }
}

/// Runs a future on a loop of its own, and divides the time by the number of steps.
fn alone(steps: usize, body: impl Future<Output = ()>) -> f64 {
    let event_loop = EventLoop::new();
    let start = Instant::now();
    event_loop.block_on(body);
    start.elapsed().as_nanos() as f64 / steps as f64
}

/// Runs tasks side by side on a loop of their own, and divides the time by the number of steps. What making
/// the tasks costs is not measured.
fn tasks<F>(steps: usize, count: usize, mut task: impl FnMut(usize) -> F) -> f64
where
    F: Future<Output = ()> + 'static,
{
    let event_loop = EventLoop::new();
    let handle = event_loop.handle();
    let all: Vec<_> = (0..count)
        .map(|number| handle.spawn(task(number)))
        .collect();
    let start = Instant::now();
    event_loop.block_on(async {
        for task in all {
            task.await.expect("no task panics");
        }
    });
    start.elapsed().as_nanos() as f64 / steps as f64
}

/// The two ends of a channel, as two tasks.
fn both<S, R>(values: usize, sends: S, receives: R) -> f64
where
    S: Future<Output = ()> + 'static,
    R: Future<Output = ()> + 'static,
{
    let event_loop = EventLoop::new();
    let handle = event_loop.handle();
    let start = Instant::now();
    let sends = handle.spawn(sends);
    event_loop.block_on(async {
        receives.await;
        sends.await.expect("the sender does not panic");
    });
    start.elapsed().as_nanos() as f64 / values as f64
}

/// A short channel is measured several times in one run, so that a clock's resolution does not count.
fn repeated(values: usize, mut once: impl FnMut() -> f64) -> f64 {
    let times = (10_000 / values).max(1);
    (0..times).map(|_| once()).sum::<f64>() / times as f64
}

fn ours(case: Case) -> Option<f64> {
    use synchronization::{Mutex, Semaphore, channel::channel};
    Some(match case {
        Case::Uncontended => {
            let mutex = Mutex::new(0_usize);
            alone(LOCKS, async {
                for _ in 0..LOCKS {
                    *mutex.lock().await += 1;
                }
                black_box(&mutex);
            })
        }
        Case::Contended => {
            let mutex = Rc::new(Mutex::new(0_usize));
            tasks(LOCKS, TASKS, |_| {
                let mutex = Rc::clone(&mutex);
                async move {
                    for _ in 0..LOCKS / TASKS {
                        let mut value = mutex.lock().await;
                        yield_now().await;
                        *value += 1;
                    }
                }
            })
        }
        Case::Channel(values) => repeated(values, || {
            let (sender, mut receiver) = channel(ROOM);
            both(
                values,
                async move {
                    for value in 0..values {
                        let _ = sender.send(value).await;
                    }
                },
                async move { while receiver.recv().await.is_some() {} },
            )
        }),
        Case::Waiters(count) => repeated(count, || {
            let (semaphore, served) = (Semaphore::new(1), Rc::new(Cell::new(0)));
            tasks(count, count, |_| {
                let (semaphore, served) = (semaphore.clone(), Rc::clone(&served));
                async move {
                    let _permit = semaphore.acquire().await;
                    yield_now().await;
                    served.set(served.get() + 1);
                }
            })
        }),
    })
}

fn tokio(case: Case) -> Option<f64> {
    use tokio::sync::{Mutex, Semaphore, mpsc};
    Some(match case {
        Case::Uncontended => {
            let mutex = Mutex::new(0_usize);
            alone(LOCKS, async {
                for _ in 0..LOCKS {
                    *mutex.lock().await += 1;
                }
                black_box(&mutex);
            })
        }
        Case::Contended => {
            let mutex = Arc::new(Mutex::new(0_usize));
            tasks(LOCKS, TASKS, |_| {
                let mutex = Arc::clone(&mutex);
                async move {
                    for _ in 0..LOCKS / TASKS {
                        let mut value = mutex.lock().await;
                        yield_now().await;
                        *value += 1;
                    }
                }
            })
        }
        Case::Channel(values) => repeated(values, || {
            let (sender, mut receiver) = mpsc::channel(ROOM);
            both(
                values,
                async move {
                    for value in 0..values {
                        let _ = sender.send(value).await;
                    }
                },
                async move { while receiver.recv().await.is_some() {} },
            )
        }),
        Case::Waiters(count) => repeated(count, || {
            let (semaphore, served) = (Arc::new(Semaphore::new(1)), Rc::new(Cell::new(0)));
            tasks(count, count, |_| {
                let (semaphore, served) = (Arc::clone(&semaphore), Rc::clone(&served));
                async move {
                    let _permit = semaphore.acquire().await;
                    yield_now().await;
                    served.set(served.get() + 1);
                }
            })
        }),
    })
}

fn async_lock(case: Case) -> Option<f64> {
    use async_lock::{Mutex, Semaphore};
    Some(match case {
        Case::Uncontended => {
            let mutex = Mutex::new(0_usize);
            alone(LOCKS, async {
                for _ in 0..LOCKS {
                    *mutex.lock().await += 1;
                }
                black_box(&mutex);
            })
        }
        Case::Contended => {
            let mutex = Arc::new(Mutex::new(0_usize));
            tasks(LOCKS, TASKS, |_| {
                let mutex = Arc::clone(&mutex);
                async move {
                    for _ in 0..LOCKS / TASKS {
                        let mut value = mutex.lock().await;
                        yield_now().await;
                        *value += 1;
                    }
                }
            })
        }
        Case::Channel(_) => return None,
        Case::Waiters(count) => repeated(count, || {
            let (semaphore, served) = (Arc::new(Semaphore::new(1)), Rc::new(Cell::new(0)));
            tasks(count, count, |_| {
                let (semaphore, served) = (Arc::clone(&semaphore), Rc::clone(&served));
                async move {
                    let _permit = semaphore.acquire().await;
                    yield_now().await;
                    served.set(served.get() + 1);
                }
            })
        }),
    })
}

fn async_channel(case: Case) -> Option<f64> {
    let Case::Channel(values) = case else {
        return None;
    };
    Some(repeated(values, || {
        let (sender, receiver) = async_channel::bounded(ROOM);
        both(
            values,
            async move {
                for value in 0..values {
                    let _ = sender.send(value).await;
                }
            },
            async move { while receiver.recv().await.is_ok() {} },
        )
    }))
}
