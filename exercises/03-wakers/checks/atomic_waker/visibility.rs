//! What one thread wrote is visible to the next, and a dropped cell leaves nothing behind.

use std::sync::Arc;

use super::super::subject::AtomicWaker;
use super::cell::{BLOCKED, SPINS, registers, wakes};
use probe::{Recorder, run};
use probe_futures::poller;
use probe_model::sync::thread;
use probe_model::{Unguarded, explore, no_memory_is_left, watched};

#[test]
fn what_one_call_leaves_in_the_cell_is_visible_to_the_next() {
    explore(
        || run!(),
        BLOCKED,
        SPINS,
        |run| {
            let cell = Arc::new(AtomicWaker::new());
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            watched(|| {
                let (first, second) = (registers(run, &cell, &a), registers(run, &cell, &b));
                let task = thread::spawn(move || {
                    first();
                    second();
                });
                let [left, right] =
                    ["left", "right"].map(|name| thread::spawn(wakes(run, &cell, name, None)));
                for thread in [task, left, right] {
                    thread.join().expect("no call panics");
                }
            });
        },
    );
}

#[test]
fn what_the_event_wrote_is_visible_to_the_woken_task() {
    explore(
        || run!(),
        BLOCKED,
        SPINS,
        |run| {
            let cell = Arc::new(AtomicWaker::new());
            let event = Arc::new(Unguarded::default());
            let a = poller(run.recorder(), "A");
            let read = Arc::clone(&event);
            a.on_wake(move || read.is_used());
            watched(|| {
                let task = thread::spawn(registers(run, &cell, &a));
                let wake = wakes(run, &cell, "other", None);
                let written = Arc::clone(&event);
                let other = thread::spawn(move || {
                    written.is_used();
                    wake();
                });
                for thread in [task, other] {
                    thread.join().expect("no call panics");
                }
            });
        },
    );
}

#[test]
fn a_dropped_cell_leaves_no_memory_behind() {
    no_memory_is_left(
        || run!(),
        "cell",
        || {
            let [a, b] = ["A", "B"].map(|name| poller(&Recorder::default(), name));
            let cell = AtomicWaker::new();
            for task in [&a, &b, &a] {
                cell.register(&task.waker());
            }
            cell.wake();
            cell.register(&b.waker());
            drop(cell.take());
            cell.register(&b.waker());
        },
    );
}
