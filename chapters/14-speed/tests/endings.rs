//! Loops and executors that are dropped while other threads wake their tasks.

use std::future::{pending, poll_fn};
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use event_loop::{Door, Driver, ThreadDriver};
use probe::random::Random;
use reactor::Reactor;
use speed::stealing::Workers;
use state_machines::yield_now;
use wakers::block_on;

/// How many of each kind are dropped.
const RUNS: u64 = 2_000;

/// Prints the seed if a panic passes by.
struct SaysSeed(u64);

impl Drop for SaysSeed {
    fn drop(&mut self) {
        if thread::panicking() {
            let seed = self.0;
            eprintln!("seed {seed}: FIRST_SEED={seed} begins with it");
        }
    }
}

/// Runs the body with one seed after the other. With `--nocapture` the last line is the seed of a run that hangs.
fn with_each_seed(body: impl Fn(u64)) {
    let first = std::env::var("FIRST_SEED").map_or(1, |seed| seed.parse().expect("a number"));
    for seed in first..first + RUNS {
        println!("seed {seed}");
        let _seed = SaysSeed(seed);
        body(seed);
    }
}

/// Wakers of the tasks that wait, for every thread.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Waker>>>);

impl Kept {
    fn keep(&self, waker: &Waker) {
        self.0.lock().unwrap().push(waker.clone());
    }

    fn take(&self, random: &mut Random) -> Option<Waker> {
        let mut kept = self.0.lock().unwrap();
        let count = kept.len();
        (count > 0).then(|| kept.swap_remove(random.below(count)))
    }

    fn take_all(&self) -> Vec<Waker> {
        mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Threads that wake, clone and drop these wakers until they are told to end.
struct Others {
    end: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Others {
    fn start(seed: u64, kept: &Kept, door: Option<&Door>, alive: &Arc<()>) -> Others {
        let end = Arc::<AtomicBool>::default();
        let threads = (1..=2).map(|number| {
            let (end, kept) = (Arc::clone(&end), kept.clone());
            let (door, alive) = (door.cloned(), Arc::clone(alive));
            let mut random = Random::seeded(seed ^ (number << 32));
            thread::spawn(move || {
                let mut calls = 0;
                while calls < 20 || !end.load(Ordering::Acquire) {
                    calls += 1;
                    if let Some(waker) = kept.take(&mut random) {
                        wake(waker, &kept, &mut random);
                    }
                    if let Some(door) = &door {
                        knock(door, &alive, &mut random);
                    }
                    if random.below(4) == 0 {
                        thread::yield_now();
                    }
                }
            })
        });
        let threads = threads.collect();
        Others { end, threads }
    }

    fn end(self) {
        self.end.store(true, Ordering::Release);
        for thread in self.threads {
            thread.join().unwrap();
        }
    }
}

/// In one of several ways, but always: a task may wait for nothing else.
fn wake(waker: Waker, kept: &Kept, random: &mut Random) {
    match random.below(4) {
        0 => waker.wake(),
        1 => waker.wake_by_ref(),
        2 => {
            let copy = waker.clone();
            waker.wake();
            drop(copy);
        }
        _ => {
            waker.wake_by_ref();
            kept.keep(&waker);
        }
    }
}

/// Sends a callback, or a task whose end this may wait for. The loop may be closed.
fn knock(door: &Door, alive: &Arc<()>, random: &mut Random) {
    let alive = Arc::clone(alive);
    match random.below(16) {
        0 => {
            let _ = door.call_soon_threadsafe(move |handle| {
                drop(handle.spawn(async move { drop(alive) }));
            });
        }
        1 => {
            let _ = door.run_coroutine_threadsafe(move |_| async move { drop(alive) });
        }
        2 => {
            let sent = door.run_coroutine_threadsafe(move |_| async move { drop(alive) });
            let _ = sent.map(|task| task.wait());
        }
        _ => {}
    }
}

/// A future in one of the states in which a loop may be dropped. Other threads wake it as long as it waits.
async fn any_task(kind: usize, mut polls: usize, kept: Kept) {
    match kind {
        0 | 1 => {
            poll_fn(|context| {
                kept.keep(context.waker());
                if kind == 1 {
                    context.waker().wake_by_ref();
                }
                polls = polls.saturating_sub(1);
                if polls == 0 {
                    return Poll::Ready(());
                }
                Poll::Pending
            })
            .await;
        }
        2 => {
            for _ in 0..polls {
                yield_now().await;
            }
        }
        _ => pending().await,
    }
}

/// The same body for both loops, which have the same methods.
macro_rules! a_loop_ends {
    ($seed:expr, $event_loop:expr) => {{
        let mut random = Random::seeded($seed);
        let event_loop = $event_loop;
        let (kept, alive) = (Kept::default(), Arc::new(()));
        let handle = event_loop.handle();
        for _ in 0..=random.below(6) {
            let (alive, kind) = (Arc::clone(&alive), random.below(5));
            let task = any_task(kind, random.below(20), kept.clone());
            let sleep = handle.sleep(Duration::from_micros(50));
            drop(handle.spawn(async move {
                let _alive = alive;
                match kind {
                    4 => sleep.await,
                    _ => task.await,
                }
            }));
        }
        let others = Others::start($seed, &kept, Some(&handle.door()), &alive);
        // A main future that the threads wake, too: it is not polled after its end.
        for _ in 0..random.below(4) {
            let main = any_task(random.below(3), 1 + random.below(40), kept.clone());
            event_loop.block_on(main);
        }
        if random.below(2) == 0 {
            event_loop.close();
        }
        drop((event_loop, handle));
        others.end();
        drop(kept.take_all());
        assert_eq!(Arc::strong_count(&alive), 1, "a task or a callback is left");
    }};
}

fn both_loops_end<D: Driver + 'static>(driver: impl Fn() -> D) {
    with_each_seed(|seed| {
        a_loop_ends!(seed, event_loop::EventLoop::with_driver(driver()));
        a_loop_ends!(seed, speed::EventLoop::with_driver(driver()));
    });
}

#[test]
#[ignore = "which interleavings it meets depends on the machine: 2,000 loops of each kind"]
fn a_loop_that_is_dropped_among_wakes_leaves_nothing() {
    both_loops_end(ThreadDriver::new);
}

#[test]
#[ignore = "which interleavings it meets depends on the machine: 2,000 loops of each kind"]
fn a_loop_on_the_reactor_that_is_dropped_among_wakes_leaves_nothing() {
    both_loops_end(|| Reactor::new().unwrap());
}

#[test]
#[ignore = "which interleavings it meets depends on the machine: 2,000 executors"]
fn an_executor_that_is_dropped_among_wakes_ends_and_leaves_nothing() {
    with_each_seed(|seed| {
        let mut random = Random::seeded(seed);
        let workers = Arc::new(Workers::new(1 + random.below(3)).unwrap());
        let (kept, alive) = (Kept::default(), Arc::new(()));
        let tasks: Vec<_> = (0..=random.below(8))
            .map(|_| {
                // One of eight tasks owns the executor, too.
                let owned = (random.below(8) == 0).then(|| Arc::clone(&workers));
                let (alive, kind) = (Arc::clone(&alive), random.below(3));
                let task = any_task(kind, random.below(20), kept.clone());
                workers.spawn(async move {
                    let _kept = (alive, owned);
                    task.await;
                })
            })
            .collect();
        let others = Others::start(seed, &kept, None, &alive);
        for _ in 0..random.below(50) {
            thread::yield_now();
        }
        drop(workers);
        // Each task has completed or was dropped. Where a task owns the executor, the others go on until they have completed.
        let ended = Arc::<AtomicBool>::default();
        let (has_ended, wakers) = (Arc::clone(&ended), kept.clone());
        let wakes = thread::spawn(move || {
            while !has_ended.load(Ordering::Acquire) {
                wakers.take_all().into_iter().for_each(Waker::wake);
                thread::yield_now();
            }
        });
        for task in tasks {
            let _ = block_on(task);
        }
        ended.store(true, Ordering::Release);
        wakes.join().unwrap();
        others.end();
        drop(kept.take_all());
        // A worker that is about to end may hold the last reference to a task.
        while Arc::strong_count(&alive) > 1 {
            thread::yield_now();
        }
    });
}
