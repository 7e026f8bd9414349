//! 7.3 ready-set: a set of futures, each of which is polled when it was woken.

#[path = "ready_set/laws.rs"]
mod laws;
#[path = "ready_set/runs.rs"]
mod runs;
#[path = "ready_set/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "ready_set/wakes.rs"]
mod wakes;

#[path = "ready_set/leaving.rs"]
mod leaving;

#[path = "ready_set/locks.rs"]
mod locks;

#[path = "ready_set/many.rs"]
mod many;

use std::task::Poll;

use super::subject::ReadySet;
use laws::{expect, expect_next, push, refuse_asleep, set_of, waiting};
use probe::{Recorder, run, snapshot};
use probe_futures::poller;
use probe_model::alone;

#[test]
fn an_empty_set_returns_none_and_may_be_pushed_to_afterwards() {
    alone(
        || run!(),
        |run| {
            let (world, mut set) = set_of(run, &[]);
            let a = poller(run.recorder(), "A");
            expect(run, &world, &a, &mut set, &[], Poll::Ready(None));
            push(run, &world, &mut set, "a");
            expect(run, &world, &a, &mut set, &["a"], Poll::Pending);
            world.finishes("a");
            expect(run, &world, &a, &mut set, &["a"], Poll::Ready(Some("a")));
            expect(run, &world, &a, &mut set, &[], Poll::Ready(None));
        },
    );
}

#[test]
fn a_push_polls_no_child_and_the_next_poll_polls_it_once() {
    let run = alone(
        || run!("all_wait"),
        |run| {
            let (world, mut set) = set_of(run, &["a", "b", "c"]);
            if !world.polled().is_empty() {
                run.diagnose("eager-start", "A child was polled while it was pushed.");
            }
            let a = poller(run.recorder(), "A");
            expect(run, &world, &a, &mut set, &["a", "b", "c"], Poll::Pending);
            if a.wakes() > 0 {
                run.diagnose(
                    "busy-poll",
                    "The set woke its task, and no child was woken. The loop polls the set at once, again and again, and never sleeps.",
                );
            }
        },
    );
    snapshot!(run);
}

#[test]
fn a_wake_of_one_child_polls_that_child_alone() {
    let run = alone(
        || run!("one_is_woken"),
        |run| {
            let (world, mut set, a) = waiting(run, &["a", "b", "c"]);
            world.wakes("b");
            refuse_asleep(run, &a);
            expect(run, &world, &a, &mut set, &["b"], Poll::Pending);
            world.finishes("b");
            refuse_asleep(run, &a);
            expect(run, &world, &a, &mut set, &["b"], Poll::Ready(Some("b")));
            expect(run, &world, &a, &mut set, &[], Poll::Pending);
        },
    );
    snapshot!(run);
}

#[test]
fn woken_children_are_polled_in_the_order_of_their_wakes_and_yield_one_output_a_poll() {
    let run = alone(
        || run!("in_order_of_wakes"),
        |run| {
            let (world, mut set) = set_of(run, &["a", "b", "c", "d"]);
            // Not recorded: a set may wake its task once or for each child.
            let a = poller(&Recorder::default(), "A");
            expect(
                run,
                &world,
                &a,
                &mut set,
                &["a", "b", "c", "d"],
                Poll::Pending,
            );
            for child in ["c", "a"] {
                world.finishes(child);
            }
            world.wakes("d");
            world.finishes("b");
            world.polled();
            expect_next(run, &world, &a, &mut set, &["c"], "c");
            expect_next(run, &world, &a, &mut set, &["a"], "a");
            expect_next(run, &world, &a, &mut set, &["d", "b"], "b");
            expect(run, &world, &a, &mut set, &[], Poll::Pending);
        },
    );
    snapshot!(run);
}

#[test]
fn a_child_that_is_woken_several_times_is_polled_once() {
    alone(
        || run!(),
        |run| {
            let (world, mut set, a) = waiting(run, &["a", "b"]);
            for child in ["a", "b", "a", "a"] {
                world.wakes(child);
            }
            expect(run, &world, &a, &mut set, &["a", "b"], Poll::Pending);
            expect(run, &world, &a, &mut set, &[], Poll::Pending);
            world.wakes("a");
            world.finishes("a");
            expect(run, &world, &a, &mut set, &["a"], Poll::Ready(Some("a")));
            expect(run, &world, &a, &mut set, &[], Poll::Pending);
        },
    );
}
