//! Two and three threads that use the cell at the same time.

use std::pin::Pin;
use std::sync::Arc;

use super::super::subject::AtomicWaker;
use super::cell::{
    BLOCKED, MET, SPINS, call, careful, flag, lost, registers, wakes, works_as_before,
};
use probe::{Run, run};
use probe_futures::laws::waiting::Wait;
use probe_futures::{Poller, poller, spy};
use probe_model::sync::thread;
use probe_model::{Both, explore, no_thread_waits};

/// A cell at which A has registered, and A.
fn with_a(run: &Run) -> (Arc<AtomicWaker>, Poller) {
    let cell = Arc::new(AtomicWaker::new());
    let a = poller(run.recorder(), "A");
    cell.register(&a.waker());
    run.recorder().says("A", "has registered");
    (cell, a)
}

#[test]
fn two_wakes_at_once_wake_the_task_once() {
    explore(
        || run!(),
        BLOCKED,
        SPINS,
        |run| {
            let (cell, a) = with_a(run);
            careful(run, Some("taken-twice"), || {
                let threads = ["left", "right"]
                    .map(|name| thread::spawn(wakes(run, &cell, name, Some("taken-twice"))));
                for thread in threads {
                    thread.join().expect("waking does not panic");
                }
            });
            match a.wakes() {
                1 => {}
                0 => lost(
                    run,
                    "A had registered, two threads called `wake`, and A was not woken.",
                ),
                _ => run.diagnose(
                    "taken-twice",
                    "A registered once, and two calls of `wake` at the same time both took its waker: A was woken twice.",
                ),
            }
            works_as_before(run, &cell);
        },
    );
}

#[test]
fn a_thread_that_is_stopped_in_a_call_delays_no_other_call() {
    let pairs: [fn(&Run, &Arc<AtomicWaker>) -> Both; 3] = [
        |run, cell| {
            let b = poller(run.recorder(), "B");
            (registers(run, cell, &b), wakes(run, cell, "other", None))
        },
        |run, cell| {
            let b = poller(run.recorder(), "B");
            (wakes(run, cell, "other", None), registers(run, cell, &b))
        },
        |run, cell| {
            (
                wakes(run, cell, "left", None),
                wakes(run, cell, "right", None),
            )
        },
    ];
    for pair in pairs {
        no_thread_waits(
            || run!(),
            BLOCKED,
            SPINS,
            move |run| {
                let (cell, _a) = with_a(run);
                pair(run, &cell)
            },
        );
    }
}

#[test]
fn a_wake_beside_a_registration_wakes_one_of_the_two() {
    explore(
        || run!(),
        BLOCKED,
        SPINS,
        |run| {
            let (cell, a) = with_a(run);
            let b = poller(run.recorder(), "B");
            careful(run, None, || {
                let other = thread::spawn(wakes(run, &cell, "other", None));
                registers(run, &cell, &b)();
                other.join().expect("waking does not panic");
            });
            if a.wakes() + b.wakes() == 0 {
                lost(
                    run,
                    "A was registered. B registered, and another thread called `wake` at the same time. At every moment A or B was registered, \
                     and neither was woken.",
                );
            }
            works_as_before(run, &cell);
        },
    );
}

#[test]
fn a_task_that_registers_and_then_checks_misses_no_event() {
    explore(
        || run!(),
        BLOCKED,
        SPINS,
        |run| {
            let Wait { future, event } = flag();
            let mut future = spy(run, "future", future);
            let a = poller(run.recorder(), "A");
            polls_beside_the_event(run, &a, Pin::new(&mut future), event);
        },
    );
}

/// The task polls, and at the same time the event happens on another thread. A task that is pending after that has been woken.
fn polls_beside_the_event(
    run: &Run,
    task: &Poller,
    future: Pin<&mut impl Future>,
    event: impl FnOnce() + Send + 'static,
) {
    let mut pending = false;
    careful(run, None, || {
        let theirs = run.clone();
        let other = thread::spawn(move || {
            call(&theirs, None, "event", "happens, and wakes", event);
        });
        pending = task.poll(future).is_pending();
        other.join().expect("waking does not panic");
    });
    if pending && task.wakes() == 0 {
        lost(run, MET);
    }
}

#[test]
fn a_task_that_registers_again_during_a_wake_misses_no_event() {
    explore(
        || run!(),
        BLOCKED,
        SPINS,
        |run| {
            let Wait { future, event } = flag();
            let mut future = spy(run, "future", future);
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            if a.poll(Pin::new(&mut future)).is_ready() {
                run.departs("The event had not happened, and the future was ready.");
            }
            polls_beside_the_event(run, &b, Pin::new(&mut future), event);
        },
    );
}

#[test]
fn two_wakes_and_a_registration_at_once_are_never_in_the_cell_together() {
    explore(
        || run!(),
        BLOCKED,
        SPINS,
        |run| {
            let (cell, _a) = with_a(run);
            let b = poller(run.recorder(), "B");
            careful(run, None, || {
                let threads =
                    ["left", "right"].map(|name| thread::spawn(wakes(run, &cell, name, None)));
                registers(run, &cell, &b)();
                for thread in threads {
                    thread.join().expect("waking does not panic");
                }
                run.recorder().says("other", "wakes once more");
                cell.wake();
            });
            if b.wakes() == 0 {
                lost(
                    run,
                    "B registered while two other threads called `wake`, and a third `wake` came after all calls had returned. None of the three woke B.",
                );
            }
            works_as_before(run, &cell);
        },
    );
}
