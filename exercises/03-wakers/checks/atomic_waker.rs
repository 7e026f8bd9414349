//! 3.9 atomic-waker: a place for one waker, without a lock.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use super::subject::AtomicWaker;
use probe::{Run, What, run, snapshot};
use probe_futures::laws::waiting::Wait;
use probe_futures::{poller, spy};
use probe_model::sync::atomic::{AtomicBool, Ordering};
use probe_model::sync::{inside_the_next_cell, thread};
use probe_model::{Blame, alone, explore, once};

const SPINS: Blame<'static> = Blame {
    mistake: Some("spins-for-the-cell"),
    sentence: "One thread was at the cell, and another went round in circles until it left. If the first one is not running, and it may not \
               be for a long time, the second one burns its share for nothing.",
};

#[test]
fn in_an_empty_one_there_is_nobody_to_wake() {
    alone(
        || run!(),
        |run| {
            let cell = AtomicWaker::new();
            cell.wake();
            if cell.take().is_some() {
                run.departs("Nobody registered, and a waker came out.");
            }
        },
    );
}

#[test]
fn who_has_registered_is_woken_once() {
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
                    "Nothing had happened, and registering woke A at once. Whoever drives it will poll again, register again, and never \
                     sleep.",
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
                    "A registered once, and was woken twice: the first wake should take the waker out.",
                ),
            }
        },
    );
    snapshot!(run);
}

#[test]
fn who_registers_later_takes_the_place() {
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
                    "The wake went to A, who registered first; B, who registered last, is the one who waits.",
                ),
                _ => run.departs("B registered last, and should be woken, once, and A should not."),
            }
            if kept > 0 {
                run.departs("B took A's place, and A's waker was still kept.");
            }
        },
    );
}

#[test]
fn it_can_be_used_again_and_again() {
    alone(
        || run!(),
        |run| {
            let cell = AtomicWaker::new();
            let a = poller(run.recorder(), "A");
            for round in 1..=3 {
                cell.register(&a.waker());
                if a.wakes() == round {
                    run.diagnose(
                        "busy-poll",
                        format!(
                            "In round {round}, with nobody at the cell and nothing to wake for, registering woke A at once: the wake \
                             before has left its mark, and every task that registers will poll again and again.",
                        ),
                    );
                }
                cell.wake();
                run.recorder()
                    .says("cell", format!("round {round}: {} wakes", a.wakes()));
                if a.wakes() != round {
                    run.departs(format!("In round {round} A registered, and was not woken."));
                }
            }
        },
    );
}

#[test]
fn one_that_is_dropped_drops_its_waker() {
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
                    "The cell is gone, and the waker that was in it was never dropped.",
                );
            }
        },
    );
}

#[test]
fn a_wake_in_the_middle_of_a_registration_is_not_dropped() {
    once(
        || run!(),
        SPINS,
        SPINS,
        |run| {
            let cell = Arc::new(AtomicWaker::new());
            let a = poller(run.recorder(), "A");
            let (theirs, recorder) = (Arc::clone(&cell), run.recorder().clone());
            inside_the_next_cell(move || {
                let call = recorder.enters("other", "calls wake, while A is in the cell");
                theirs.wake();
                call.returns("returns");
            });
            let call = run.recorder().enters("A", "registers");
            cell.register(&a.waker());
            call.returns("has registered");
            if a.wakes() == 0 && moment_came(run).is_some() {
                run.diagnose(
                    "wake-lost-at-the-cell",
                    "Somebody called `wake` while A was in the cell, could not get in, and went away. A left the cell, did not look \
                     whether anybody had come, and was not woken.",
                );
            }
        },
    );
}

#[test]
fn a_registration_in_the_middle_of_a_wake_is_not_dropped() {
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
                let call = recorder.enters("B", "registers, while somebody takes A's waker");
                theirs.register(&waker);
                call.returns("has registered");
            });
            cell.wake();
            if moment_came(run).is_none() {
                return; // Nobody was inside a cell of the model's, so there was no such moment.
            }
            if b.wakes() == 0 {
                run.recorder().says("other", "calls wake again");
                cell.wake();
            }
            if b.wakes() == 0 {
                run.diagnose(
                    "wake-lost-at-the-cell",
                    "B came to register while somebody was taking the waker of A, and could not get in. It was not woken, and it is not \
                     registered either: nobody will ever wake it.",
                );
            }
        },
    );
}

/// When the step inside the cell was taken, if it was.
fn moment_came(run: &Run) -> Option<usize> {
    let events = run.recorder().recording().events;
    events
        .iter()
        .position(|event| matches!(&event.what, What::Enters(call) if call.contains("while")))
}

#[test]
fn register_first_and_look_then_and_nothing_is_missed() {
    explore(
        || run!(),
        Blame::ASLEEP,
        SPINS,
        |run| {
            let Wait { future, event } = flag();
            let mut future = spy(run, "future", future);
            let a = poller(run.recorder(), "A");
            let recorder = run.recorder().clone();
            let other = thread::spawn(move || {
                let call = recorder.enters("event", "happens, and wakes");
                event();
                call.returns("done");
            });
            let first = a.poll(Pin::new(&mut future));
            other.join().expect("waking does not panic");
            if first.is_ready() {
                return;
            }
            if a.wakes() == 0 {
                lost(run);
            }
        },
    );
}

#[test]
fn a_task_that_comes_back_in_the_middle_of_a_wake_is_not_missed() {
    explore(
        || run!(),
        Blame::ASLEEP,
        SPINS,
        |run| {
            let Wait { future, event } = flag();
            let mut future = spy(run, "future", future);
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            if a.poll(Pin::new(&mut future)).is_ready() {
                run.departs("It was ready although nothing had happened yet.");
            }
            let recorder = run.recorder().clone();
            let other = thread::spawn(move || {
                let call = recorder.enters("event", "happens, and wakes");
                event();
                call.returns("done");
            });
            let second = b.poll(Pin::new(&mut future));
            other.join().expect("waking does not panic");
            if second.is_pending() && b.wakes() == 0 {
                lost(run);
            }
        },
    );
}

#[test]
fn two_who_wake_at_once_wake_once() {
    explore(
        || run!(),
        Blame::ASLEEP,
        SPINS,
        |run| {
            let cell = Arc::new(AtomicWaker::new());
            let a = poller(run.recorder(), "A");
            cell.register(&a.waker());
            let threads = ["left", "right"].map(|name| {
                let (cell, recorder) = (Arc::clone(&cell), run.recorder().clone());
                thread::spawn(move || {
                    let call = recorder.enters(name, "wakes");
                    cell.wake();
                    call.returns("done");
                })
            });
            for thread in threads {
                thread.join().expect("waking does not panic");
            }
            match a.wakes() {
                1 => {}
                0 => lost(run),
                _ => run.diagnose(
                    "taken-twice",
                    "A registered once, and two who came at the same moment both took its waker.",
                ),
            }
        },
    );
}

#[test]
fn two_who_wake_and_one_who_registers_do_not_meet_in_the_cell() {
    explore(
        || run!(),
        Blame::ASLEEP,
        SPINS,
        |run| {
            let cell = Arc::new(AtomicWaker::new());
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            cell.register(&a.waker());
            let threads = ["left", "right"].map(|name| {
                let (cell, recorder) = (Arc::clone(&cell), run.recorder().clone());
                thread::spawn(move || {
                    let call = recorder.enters(name, "wakes");
                    cell.wake();
                    call.returns("done");
                })
            });
            run.recorder().says("B", "registers");
            cell.register(&b.waker());
            for thread in threads {
                thread.join().expect("waking does not panic");
            }
            cell.wake();
            if b.wakes() == 0 {
                lost(run);
            }
        },
    );
}

#[track_caller]
fn lost(run: &Run) -> ! {
    run.diagnose(
        "wake-lost-at-the-cell",
        "The task registered and looked, and the event happened and woke, at the same moment. Each saw the other at the cell and went \
         away: the task waits, the event has happened, and nobody was woken.",
    )
}

/// A future that waits for a flag by way of the cell, and what sets the flag.
fn flag() -> Wait<impl Future<Output = ()> + 'static> {
    let shared = Arc::new((AtomicBool::new(false), AtomicWaker::new()));
    let theirs = Arc::clone(&shared);
    let future = poll_fn(move |context| {
        let (happened, cell) = &*shared;
        cell.register(context.waker());
        if happened.load(Ordering::Acquire) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    });
    Wait::new(future, move || {
        let (happened, cell) = &*theirs;
        happened.store(true, Ordering::Release);
        cell.wake();
    })
}
