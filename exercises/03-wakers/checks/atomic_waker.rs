//! 3.9 atomic-waker: a slot for one waker, without a lock.

#[path = "atomic_waker/cell.rs"]
mod cell;

use std::pin::Pin;
use std::sync::Arc;

use super::subject::AtomicWaker;
use cell::{
    BLOCKED, MET, SPINS, call, careful, flag, lost, moment_came, registers, wakes,
    woken_while_registering, works_as_before,
};
use probe::{Recorder, Run, run, snapshot};
use probe_futures::laws::waiting::Wait;
use probe_futures::{poller, spy};
use probe_model::sync::{inside_the_next_cell, thread};
use probe_model::{
    Both, Unguarded, alone, explore, no_memory_is_left, no_thread_waits, once, watched,
};

#[test]
fn an_empty_cell_wakes_no_task() {
    alone(
        || run!(),
        |run| {
            let cell = AtomicWaker::new();
            cell.wake();
            if cell.take().is_some() {
                run.departs("No task had registered, and `take` returned a waker.");
            }
        },
    );
}

#[test]
fn a_registered_task_is_woken_once() {
    let run = alone(
        || run!("registered"),
        |run| {
            let cell = AtomicWaker::new();
            let a = poller(run.recorder(), "A");
            run.recorder().says("cell", "A registers");
            cell.register(&a.waker());
            if a.wakes() > 0 {
                run.diagnose(
                    "busy-poll",
                    "Nothing had happened, and registering woke A at once. The executor polls A again, A registers again, and the thread \
                     never sleeps.",
                );
            }
            for wake in ["wake", "wake again"] {
                run.recorder().says("cell", wake);
                cell.wake();
            }
            match a.wakes() {
                1 => {}
                0 => run.diagnose(
                    "forgot-to-wake",
                    "A had registered, and was not woken.",
                ),
                _ => run.diagnose(
                    "waker-kept",
                    "A registered once, and was woken twice: the first `wake` did not remove the waker.",
                ),
            }
        },
    );
    snapshot!(run);
}

#[test]
fn a_later_registration_replaces_the_older_one() {
    alone(
        || run!(),
        |run| {
            let cell = AtomicWaker::new();
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            for task in [&a, &b] {
                run.recorder()
                    .says("cell", format!("{} registers", task.name()));
                cell.register(&task.waker());
            }
            let kept = a.counts().alive;
            cell.wake();
            match (a.wakes(), b.wakes()) {
                (0, 1) => {}
                (1.., 0) => run.diagnose(
                    "first-waker-only",
                    "A registered first, B registered last, and `wake` woke A. B waits, and was not woken.",
                ),
                _ => run.departs(format!(
                    "B registered last. Expected: A is woken 0 times, B once. A was woken {} times, B {} times.",
                    a.wakes(),
                    b.wakes()
                )),
            }
            drop(cell);
            match (kept, a.counts().alive) {
                (0, _) => {}
                (_, 0) => run.diagnose(
                    "waker-kept",
                    "B registered after A, and A's waker was still kept.",
                ),
                _ => run.diagnose(
                    "waker-leaked",
                    "B registered after A. A's waker is no longer in the cell, and was never dropped: its task stays in memory.",
                ),
            }
        },
    );
}

#[test]
fn a_cell_can_be_used_again() {
    alone(
        || run!(),
        |run| {
            let cell = AtomicWaker::new();
            let a = poller(run.recorder(), "A");
            for round in 1..=3 {
                cell.register(&a.waker());
                if a.wakes() == round {
                    run.diagnose(
                        "cell-not-reset",
                        format!(
                            "In round {round} no other call was in progress and nothing had happened, and registering woke A at once: \
                             the wake before has left a mark in the state.",
                        ),
                    );
                }
                cell.wake();
                run.recorder()
                    .says("cell", format!("round {round}: {} wakes", a.wakes()));
                if a.wakes() != round {
                    run.diagnose(
                        "cell-not-reset",
                        format!(
                            "In round {round} A registered, and `wake` did not wake A: the round before has left the state as if a call \
                             were still inside.",
                        ),
                    );
                }
            }
        },
    );
}

#[test]
fn a_dropped_cell_drops_its_waker() {
    alone(
        || run!(),
        |run| {
            let cell = AtomicWaker::new();
            let a = poller(run.recorder(), "A");
            cell.register(&a.waker());
            drop(cell);
            run.recorder().says("cell", "is dropped");
            if a.counts().alive > 0 {
                run.diagnose(
                    "waker-leaked",
                    "The cell was dropped, and the waker in it was not.",
                );
            }
        },
    );
}

#[test]
fn a_wake_in_the_middle_of_a_registration_is_not_lost() {
    for (registered_before, polls_at_once) in [(false, false), (false, true), (true, false)] {
        once(
            || run!(),
            SPINS,
            SPINS,
            move |run| woken_while_registering(run, registered_before, polls_at_once),
        );
    }
}

#[test]
fn a_registration_in_the_middle_of_a_wake_is_not_lost() {
    once(
        || run!(),
        SPINS,
        SPINS,
        |run| {
            let cell = Arc::new(AtomicWaker::new());
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            cell.register(&a.waker());
            let (theirs, waker, recorder) = (Arc::clone(&cell), b.waker(), run.recorder().clone());
            inside_the_next_cell(move || {
                let call = recorder.enters("B", "registers, while wake removes A's waker");
                theirs.register(&waker);
                call.returns("has registered");
            });
            careful(run, None, || cell.wake());
            if moment_came(run).is_none() {
                return; // The code entered no `UnsafeCell`, so there was no such moment.
            }
            if b.wakes() == 0 {
                run.recorder().says("other", "calls wake again");
                cell.wake();
            }
            if b.wakes() == 0 {
                run.diagnose(
                    "wake-lost-at-the-cell",
                    "B registered while another call was removing A's waker, and could not enter. B was not woken, and it is not registered \
                     either: no later `wake` reaches it.",
                );
            }
            works_as_before(run, &cell);
        },
    );
}

#[test]
fn two_wakes_at_once_wake_the_task_once() {
    explore(
        || run!(),
        BLOCKED,
        SPINS,
        |run| {
            let cell = Arc::new(AtomicWaker::new());
            let a = poller(run.recorder(), "A");
            cell.register(&a.waker());
            run.recorder().says("A", "has registered");
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
                let cell = Arc::new(AtomicWaker::new());
                cell.register(&poller(run.recorder(), "A").waker());
                run.recorder().says("A", "has registered");
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
            let cell = Arc::new(AtomicWaker::new());
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            cell.register(&a.waker());
            run.recorder().says("A", "has registered");
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
            let mut pending = false;
            careful(run, None, || {
                let theirs = run.clone();
                let other = thread::spawn(move || {
                    call(&theirs, None, "event", "happens, and wakes", event);
                });
                pending = a.poll(Pin::new(&mut future)).is_pending();
                other.join().expect("waking does not panic");
            });
            if pending && a.wakes() == 0 {
                lost(run, MET);
            }
        },
    );
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
            let mut pending = false;
            careful(run, None, || {
                let theirs = run.clone();
                let other = thread::spawn(move || {
                    call(&theirs, None, "event", "happens, and wakes", event);
                });
                pending = b.poll(Pin::new(&mut future)).is_pending();
                other.join().expect("waking does not panic");
            });
            if pending && b.wakes() == 0 {
                lost(run, MET);
            }
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
            let cell = Arc::new(AtomicWaker::new());
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            cell.register(&a.waker());
            run.recorder().says("A", "has registered");
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
