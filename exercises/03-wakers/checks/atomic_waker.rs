//! 3.9 atomic-waker: a slot for one waker, without a lock.

#[path = "atomic_waker/cell.rs"]
mod cell;

// The tests below come first, and then those of these modules, in this order.
#[path = "atomic_waker/threads.rs"]
mod threads;

#[path = "atomic_waker/visibility.rs"]
mod visibility;

use std::sync::Arc;

use super::subject::AtomicWaker;
use cell::{SPINS, careful, moment_came, woken_while_registering, works_as_before};
use probe::{run, snapshot};
use probe_futures::poller;
use probe_model::sync::inside_the_next_cell;
use probe_model::{alone, once};

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
