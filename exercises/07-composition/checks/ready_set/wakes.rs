//! Wakes during a poll of the set, by a push, and of a child that has left.

use std::cell::Cell;
use std::rc::Rc;
use std::task::Poll;

use super::laws::{expect, lost_own_wake, push, set_of, stale, under_lock, waiting};
use super::world::poll;
use probe::{Recorder, run, snapshot};
use probe_futures::poller;
use probe_model::{Blame, alone, once};

#[test]
fn a_child_that_wakes_itself_in_its_poll_is_polled_by_the_next_poll_of_the_set() {
    let run = once(
        || run!("wakes_itself"),
        under_lock(
            "child-under-lock",
            "Child a woke itself in its poll, and the call did not return: the set holds the lock that the wake needs.",
        ),
        Blame::BUSY,
        |run| {
            let (world, mut set) = set_of(run, &["a", "b"]);
            // Not recorded: a set may wake its task inside this wake or when its poll ends.
            let a = poller(&Recorder::default(), "A");
            let stored_first = Rc::new(Cell::new(true));
            let (stored, task) = (Rc::clone(&stored_first), a.clone());
            world.in_its_poll("a", move || stored.set(task.counts().clones > 0));
            for due in [&["a", "b"][..], &["a"], &["a"]] {
                world.will_wake_itself("a");
                let before = a.wakes();
                let outcome = poll(run, &a, &mut set);
                let polled = world.polled();
                if polled.iter().filter(|name| **name == "a").count() > 1 {
                    run.diagnose(
                        "polled-in-a-loop",
                        "Child a woke itself in its poll, and the same poll of the set polled it again. A child that wakes itself at each \
                         poll would keep this poll from ever returning.",
                    );
                }
                if polled.is_empty() && outcome.is_pending() {
                    lost_own_wake(run, "this poll of the set did not poll it");
                }
                if polled != due || outcome.is_ready() {
                    run.departs(format!(
                        "Expected: this poll polls {} and is pending.",
                        due.join(", then ")
                    ));
                }
                if a.wakes() == before {
                    run.recorder().lacks("A", "is not woken");
                    world.will_wake_itself("a");
                    let before = a.wakes();
                    let _again = poll(run, &a, &mut set);
                    if world.polled() != ["a"] {
                        lost_own_wake(
                            run,
                            "the task was not woken, and the next poll of the set did not poll the child",
                        );
                    }
                    if a.wakes() > before {
                        run.diagnose(
                            "check-then-register",
                            "Child a woke itself in its poll, and the task was not woken. In the next poll of the set it woke itself again, and \
                             the task was woken: the set had the waker of the poll before, and not yet that of this poll. The waker of a poll \
                             must be stored before a child is polled.",
                        );
                    }
                    if stored_first.get() {
                        run.departs(
                            "Child a woke itself in its poll, and the task was not woken. The next poll of the set does poll the child, so its \
                             wake was noted. Expected: the wake of a child wakes the task, also during a poll of the set.",
                        );
                    }
                    run.diagnose(
                        "check-then-register",
                        "Child a woke itself in its poll, and the task was not woken. The next poll of the set does poll the child, so its \
                         wake was noted: there was no waker of the task to call. The waker of a poll must be stored before a child is polled.",
                    );
                }
            }
        },
    );
    snapshot!(run);
}

#[test]
fn the_task_that_polled_the_set_last_is_woken() {
    alone(
        || run!(),
        |run| {
            let (world, mut set, a) = waiting(run, &["a", "b"]);
            let b = poller(run.recorder(), "B");
            expect(run, &world, &b, &mut set, &[], Poll::Pending);
            world.finishes("b");
            if b.wakes() == 0 {
                run.recorder().lacks("B", "is not woken");
                run.diagnose(
                    "first-waker-only",
                    format!(
                        "B polled the set last, and B was not woken. A, which polled before, was woken {} times. The waker of each poll \
                         replaces the older one, also when the poll has no child to poll.",
                        a.wakes()
                    ),
                );
            }
            expect(run, &world, &b, &mut set, &["b"], Poll::Ready(Some("b")));
        },
    );
}

#[test]
fn a_push_wakes_the_task_that_waits() {
    alone(
        || run!(),
        |run| {
            let (world, mut set, a) = waiting(run, &["a"]);
            push(run, &world, &mut set, "b");
            if a.wakes() == 0 {
                run.recorder().lacks("A", "is not woken");
                run.diagnose(
                    "pushed-without-a-wake",
                    "A waits for the set, b was pushed, and A was not woken: b is not polled before another child is woken.",
                );
            }
            expect(run, &world, &a, &mut set, &["b"], Poll::Pending);
        },
    );
}

#[test]
fn a_wake_of_a_child_that_has_left_polls_no_child_and_wakes_no_task() {
    for woke_itself in [false, true] {
        alone(
            || run!(),
            move |run| {
                let (world, mut set, a) = waiting(run, &["a", "b"]);
                world.finishes("a");
                if woke_itself {
                    world.will_wake_itself("a");
                }
                expect(run, &world, &a, &mut set, &["a"], Poll::Ready(Some("a")));
                push(run, &world, &mut set, "c");
                let b = poller(run.recorder(), "B");
                world.polled();
                if poll(run, &b, &mut set).is_ready() || world.polled() != ["c"] {
                    stale(
                        run,
                        "c was pushed, and the next poll of the set did not poll it exactly once",
                    );
                }
                let before = b.wakes();
                world.wakes("a");
                if b.wakes() > before {
                    stale(run, "its waker was called again, and the task was woken");
                }
                if poll(run, &b, &mut set).is_ready() || !world.polled().is_empty() {
                    stale(
                        run,
                        "its waker was called again, and the next poll of the set polled a child",
                    );
                }
            },
        );
    }
}
