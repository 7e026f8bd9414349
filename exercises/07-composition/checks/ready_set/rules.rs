//! The judgments that take several steps.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use super::super::subject::ReadySet;
use super::laws::{lost_own_wake, push, set_of, stale, under_lock, waiting};
use super::world::{expect, poll};
use futures::StreamExt;
use probe::{Recorder, Run, run};
use probe_futures::{gate, poller};
use probe_io::heap;
use probe_model::{Blame, alone, alone_at_length, once};

/// Child a wakes itself in three polls, one after the other.
pub(super) fn wakes_itself(run: impl Fn() -> Run + Send + Sync + 'static) -> Run {
    once(
        run,
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
    )
}

/// Child a has left, another one takes its place, and the waker of a is called.
pub(super) fn stale_wakes() {
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

/// One child is ready, and then the set is dropped.
pub(super) fn dropped_in_time() {
    alone(
        || run!(),
        |run| {
            let (world, mut set, a) = waiting(run, &["a", "b", "c"]);
            world.finishes("b");
            expect(run, &world, &a, &mut set, &["b"], Poll::Ready(Some("b")));
            run.recorder()
                .says("children", format!("{} alive", world.alive()));
            let (late, event) = (world.alive() > 2, run.recorder().last_event());
            if set.len() != 2 || set.is_empty() {
                run.departs(format!(
                    "Two children are in the set, and `len` returns {}.",
                    set.len()
                ));
            }
            drop(set);
            run.recorder().says("set", "is dropped");
            if world.alive() > 0 {
                run.diagnose(
                    "never-dropped",
                    "The set was dropped, and a child of it is still alive.",
                );
            }
            if late {
                run.diagnose_at(
                    event,
                    "child-dropped-late",
                    "The set returned the output of b, and the future of b was still alive: it holds its lock or its socket while the \
                     caller goes on.",
                );
            }
            if a.counts().alive > 0 {
                run.diagnose(
                    "waker-kept",
                    "The set was dropped, and a waker of A is still kept: the wakers of the children, which others hold, hold it.",
                );
            }
            world.wakes("a");
            if a.wakes() > 1 {
                run.diagnose(
                    "waker-kept",
                    "The set was dropped, and a wake of a child that it had still woke A.",
                );
            }
        },
    );
}

/// One of three children panics.
pub(super) fn a_panic() {
    alone(
        || run!(),
        |run| {
            let (world, mut set, a) = waiting(run, &["a", "b", "c"]);
            world.will_panic("b");
            for child in ["b", "c"] {
                world.wakes(child);
            }
            let panicked = probe_model::expected(|| poll(run, &a, &mut set));
            if panicked.is_ok() {
                run.departs("b panicked in its poll, and the poll of the set did not.");
            }
            if world.alive() != 2 || set.len() != 2 {
                run.diagnose(
                    "panic-keeps-the-child",
                    format!("b panicked. {} of the 3 children are alive, and `len` returns {}; both should be 2.", world.alive(), set.len()),
                );
            }
            let before = a.wakes();
            world.wakes("b");
            if a.wakes() > before {
                run.diagnose(
                    "stale-child-waker",
                    "b panicked in its poll, and has left the set. Its waker was called after that, and the task was woken.",
                );
            }
            // c was woken before the panic, and no wake comes after it.
            expect(run, &world, &a, &mut set, &["c"], Poll::Pending);
            world.finishes("c");
            expect(run, &world, &a, &mut set, &["c"], Poll::Ready(Some("c")));
            world.finishes("a");
            expect(run, &world, &a, &mut set, &["a"], Poll::Ready(Some("a")));
            expect(run, &world, &a, &mut set, &[], Poll::Ready(None));
        },
    );
}

/// A child wakes its sibling, from its poll or its destructor.
pub(super) fn children_wake_each_other() {
    for dropped in [false, true] {
        let blame = under_lock(
            "child-under-lock",
            "A child woke its sibling, from inside its own poll or its destructor, and the call did not return: the set holds the lock \
             that the sibling's wake needs.",
        );
        once(
            || run!(),
            blame,
            Blame::BUSY,
            move |run| {
                let (world, mut set, a) = waiting(run, &["a", "b"]);
                let sibling = world.waker("b").expect("b was polled");
                match dropped {
                    true => world.when_dropped("a", move || sibling.wake()),
                    false => world.in_its_poll("a", move || sibling.wake()),
                }
                world.finishes("a");
                expect(run, &world, &a, &mut set, &["a"], Poll::Ready(Some("a")));
                expect(run, &world, &a, &mut set, &["b"], Poll::Pending);
            },
        );
    }
}

/// A waker wakes a child, when it is called or dropped.
pub(super) fn wakers_wake_children() {
    for dropped in [false, true] {
        let blame = match dropped {
            false => under_lock(
                "wake-under-lock",
                "The task that was woken woke a child of the set at once, from inside `wake`, and the call did not return: a lock is held around `wake`.",
            ),
            true => under_lock(
                "dropped-under-lock",
                "A newer waker replaced that of A. Its destructor woke a child of the set, and the call did not return: the lock is held around the drop.",
            ),
        };
        once(
            || run!(),
            blame,
            Blame::BUSY,
            move |run| {
                let (world, mut set, a) = waiting(run, &["a", "b"]);
                let sibling = world.waker("b").expect("b was polled");
                let wake = move || sibling.wake();
                match dropped {
                    true => a.on_drop(wake),
                    false => a.on_wake(wake),
                }
                if !dropped {
                    world.wakes("a");
                }
                let b = poller(run.recorder(), "B");
                let first = poll(run, &b, &mut set);
                let second = poll(run, &b, &mut set);
                let polled = world.polled();
                if first.is_ready() || second.is_ready() || !polled.contains(&"b") {
                    run.departs(
                        "b was woken, and neither of the next two polls of the set polled it.",
                    );
                }
            },
        );
    }
}

/// Two thousand children are woken, the last one first.
pub(super) fn two_thousand() {
    alone_at_length(
        || run!(),
        |run| {
            const CHILDREN: usize = 2_000;
            let polls = Arc::new(AtomicUsize::new(0));
            let (mut keys, mut set) = (Vec::new(), ReadySet::new());
            for _ in 0..CHILDREN {
                let (key, mut gate) = gate::<usize>();
                keys.push(key);
                let polls = Arc::clone(&polls);
                set.push(std::future::poll_fn(move |context| {
                    polls.fetch_add(1, Ordering::Relaxed);
                    Pin::new(&mut gate).poll(context)
                }));
            }
            let a = poller(&Recorder::default(), "A");
            let mut next = || a.lend(|waker| set.poll_next_unpin(&mut Context::from_waker(waker)));
            run.recorder()
                .says("set", "2,000 children, the last of which is ready first");
            if next().is_ready() {
                run.departs("No child was ready, and the set returned an output.");
            }
            for (number, key) in keys.iter().enumerate().rev() {
                key.open(number);
                if next() != Poll::Ready(Some(number)) {
                    run.departs(format!(
                        "Child {number} was woken and is ready, and the poll did not return its output."
                    ));
                }
            }
            if next() != Poll::Ready(None) {
                run.departs(
                    "All 2,000 children have left, and the set did not return `Ready(None)`.",
                );
            }
            let polls = polls.load(Ordering::Relaxed);
            if polls > 2 * CHILDREN {
                run.recorder().says("children", format!("{polls} polls"));
                run.diagnose(
                    "polls-everyone",
                    "The set polled children that were not woken: two polls for each child are enough.",
                );
            }
        },
    );
}

/// A hundred sets are dropped with two woken children each.
pub(super) fn memory() {
    // The model records every lock until it ends, so the memory is measured before it begins and after it has ended.
    let use_them = || {
        let before = heap::in_use();
        drop(alone(|| run!(), |_| (0..SETS).for_each(|_| use_one())));
        (heap::in_use() - before) / SETS
    };
    let _what_is_made_once = use_them();
    let left = use_them();
    if left >= NOTHING {
        let run = run!();
        run.recorder().says(
            "set",
            format!("{SETS} sets were dropped, each with two woken children: {left} bytes of each are left"),
        );
        run.diagnose(
            "never-dropped",
            "Sets whose children had been woken were dropped, and memory of them is still in use. A queue that owns the targets of the \
             children's wakers, which own the queue, is such a cycle.",
        );
    }
}

const SETS: isize = 100;

/// No more than the two counts of an `Arc`. A run of the model leaves a little, however many sets there are.
const NOTHING: isize = 16;

/// Two children are woken after their poll, and are in the queue when the set is dropped.
fn use_one() {
    let mut set = ReadySet::new();
    for _ in 0..2 {
        set.push(std::future::poll_fn(|context| {
            context.waker().wake_by_ref();
            Poll::<()>::Pending
        }));
    }
    let a = poller(&Recorder::default(), "A");
    let polled = a.lend(|waker| set.poll_next_unpin(&mut Context::from_waker(waker)));
    assert!(polled.is_pending());
}
