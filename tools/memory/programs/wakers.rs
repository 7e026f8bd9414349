// Uses both deep answers of chapter 03 in every way that their contracts allow. `cargo run -p memory` writes a main file that
// declares `raw_waker`, `atomic_waker` and `sync`, and includes this one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::task::Waker;

/// Owns memory that `notify` touches, so that a notification of something freed is an access to freed memory.
struct Counter {
    notified: Box<AtomicUsize>,
}

impl raw_waker::Notify for Counter {
    fn notify(&self) {
        self.notified.fetch_add(1, Ordering::Relaxed);
    }
}

fn counter() -> (Arc<Counter>, Waker) {
    let counter = Arc::new(Counter {
        notified: Box::default(),
    });
    let waker = raw_waker::waker_of(Arc::clone(&counter));
    (counter, waker)
}

/// Every way to copy, use and drop a waker, while nothing else holds what it points to.
fn every_way() {
    let alone = || counter().1;
    drop(alone());
    alone().wake();
    alone().wake_by_ref();
    let (first, second) = (alone(), alone());
    let clones = [first.clone(), second.clone(), first.clone()];
    drop(first);
    second.wake();
    for clone in clones {
        clone.wake_by_ref();
        clone.clone().wake();
        drop(clone);
    }
}

/// Wakers that are cloned, used and dropped by several threads at once.
fn from_several_threads() {
    let (counter, waker) = counter();
    let barrier = Arc::new(Barrier::new(4));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (waker, barrier) = (waker.clone(), Arc::clone(&barrier));
            std::thread::spawn(move || {
                barrier.wait();
                for _ in 0..200 {
                    waker.clone().wake();
                }
                waker.wake();
            })
        })
        .collect();
    drop(waker);
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(counter.notified.load(Ordering::Relaxed), 4 * 201);
    assert_eq!(Arc::strong_count(&counter), 1);
}

/// One thread registers again and again, two wake: every registered waker is called or replaced, and none is lost or freed twice.
fn one_cell_and_three_threads() {
    let cell = Arc::new(atomic_waker::AtomicWaker::new());
    let barrier = Arc::new(Barrier::new(3));
    let wakes = (0..2).map(|_| {
        let (cell, barrier) = (Arc::clone(&cell), Arc::clone(&barrier));
        std::thread::spawn(move || {
            barrier.wait();
            for _ in 0..1_000 {
                cell.wake();
            }
        })
    });
    let wakes: Vec<_> = wakes.collect();
    barrier.wait();
    for _ in 0..1_000 {
        let (_counter, waker) = counter();
        cell.register(&waker);
    }
    for thread in wakes {
        thread.join().unwrap();
    }
    drop(cell.take());
}

fn main() {
    every_way();
    from_several_threads();
    one_cell_and_three_threads();
}
