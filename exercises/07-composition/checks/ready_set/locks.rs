//! Wakes that come from inside the set's own calls, and from another thread.

use std::task::Poll;

use super::super::subject::ReadySet;
use super::laws::{Next, expect, under_lock, waiting};
use super::world::poll;
use probe::run;
use probe_futures::laws::waiting::Wait;
use probe_futures::{gate, poller};
use probe_model::{Blame, no_moment_is_missed, once};

#[test]
fn no_lock_is_held_while_a_child_is_polled_or_dropped() {
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

#[test]
fn no_lock_is_held_while_a_waker_is_called_or_dropped() {
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

#[test]
fn a_wake_from_another_thread_in_the_middle_of_a_poll_is_not_missed() {
    no_moment_is_missed(
        || run!(),
        || {
            let (key, gate) = gate();
            let mut set = ReadySet::new();
            set.push(gate);
            Wait::new(Next(set), move || key.open(7))
        },
    );
}
