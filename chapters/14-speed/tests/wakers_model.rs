//! The wakers of the faster loop under a model of its threads: the chapter's own files, with the model's atomics
//! and thread-locals.

use event_loop::TaskId;
use probe::{Run, run};
use probe_model::sync::atomic::{AtomicUsize, Ordering};
use probe_model::sync::{Arc, Condvar, Mutex, thread};
use probe_model::{Blame, explore, explore_standstills};

use crate::own_thread::ThisThread;

#[allow(dead_code, unreachable_pub)]
#[path = "../src/fast/raw_waker.rs"]
mod raw_waker;
#[allow(dead_code, unreachable_pub)]
#[path = "../src/fast/task_block.rs"]
mod task_block;

use task_block::{Keeper, Queue};

/// A queue with a lock, for all threads.
#[derive(Default)]
struct Ready {
    entries: Mutex<Vec<TaskId>>,
    changed: Condvar,
}

impl Queue for Ready {
    fn push(&self, task: TaskId, _thread: ThisThread) {
        self.entries.lock().unwrap().push(task);
        self.changed.notify_one();
    }
}

impl Ready {
    fn take(&self) -> TaskId {
        let mut entries = self.entries.lock().unwrap();
        loop {
            if let Some(task) = entries.pop() {
                return task;
            }
            entries = self.changed.wait(entries).unwrap();
        }
    }
}

const LOST: Blame<'static> = Blame {
    mistake: None,
    sentence: "A task was woken, and nothing polls it: the loop sleeps.",
};

const THREADS: usize = 2;

/// Two threads publish something and wake the task, while the loop's own thread clones, wakes, drops and polls.
fn wakes_from_everywhere(_run: &Run, counts: bool) {
    let queue = Arc::new(Ready::default());
    let published = Arc::new(AtomicUsize::new(0));
    let keeper = Keeper::new(TaskId::new(1, 0), &queue, counts, None);
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (waker, published) = (keeper.waker(), Arc::clone(&published));
            thread::spawn(move || {
                let copy = waker.clone();
                // Relaxed: the wake publishes it.
                published.fetch_add(1, Ordering::Relaxed);
                waker.wake();
                drop(copy);
            })
        })
        .collect();
    keeper.waker().wake();
    let mut kept = None;
    loop {
        queue.take();
        if !keeper.begin_poll() {
            continue;
        }
        kept = Some(keeper.waker()).or(kept);
        if published.load(Ordering::Relaxed) == THREADS {
            break;
        }
    }
    let unused = keeper.end();
    assert!(unused.is_none(), "a waker is left");
    let last = kept.expect("the task was polled");
    let last = thread::spawn(move || last.wake());
    for thread in threads.into_iter().chain([last]) {
        thread.join().unwrap();
    }
    assert_eq!(Arc::strong_count(&queue), 1, "the block was freed");
}

#[test]
fn no_wake_is_lost_and_no_block_leaks_whichever_threads_clone_wake_and_drop() {
    for counts in [true, false] {
        explore(
            || run!(),
            LOST,
            LOST,
            move |run| wakes_from_everywhere(run, counts),
        );
        explore_standstills(
            500,
            3,
            || run!(),
            LOST,
            LOST,
            move |run| wakes_from_everywhere(run, counts),
        );
    }
}

#[test]
fn a_block_without_wakers_is_the_next_tasks() {
    explore(
        || run!(),
        LOST,
        LOST,
        |_run| {
            let queue = Arc::new(Ready::default());
            let keeper = Keeper::new(TaskId::new(1, 0), &queue, true, None);
            let waker = keeper.waker();
            let other = thread::spawn(move || drop(waker.clone()));
            let block = keeper.end();
            other.join().unwrap();
            let is_reused = block.is_some();
            let next = Keeper::new(TaskId::new(2, 0), &queue, true, block);
            next.waker().wake();
            assert_eq!(queue.take(), TaskId::new(2, 0));
            drop(next);
            assert_eq!(Arc::strong_count(&queue), 1, "reused: {is_reused}");
        },
    );
}
