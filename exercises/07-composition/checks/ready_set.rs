//! 7.3 ready-set: a set of futures, each of which is polled when it was woken.

#[path = "ready_set/laws.rs"]
mod laws;
#[path = "ready_set/rules.rs"]
mod rules;
#[path = "ready_set/runs.rs"]
mod runs;
#[path = "ready_set/world.rs"]
mod world;

use std::task::{Context, Poll};

use super::subject::ReadySet;
use futures::StreamExt;
use laws::{Next, Tested, expect_next, push, refuse_asleep, set_of, waiting};
use probe::runs::Search;
use probe::{Recorder, run, snapshot};
use probe_futures::laws::waiting::Wait;
use probe_futures::{anchored, gate, pending_times, poller, spy};
use probe_model::{alone, compare, no_moment_is_missed};
use runs::Family;
use world::{Child, expect};

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

#[test]
fn a_child_that_wakes_itself_in_its_poll_is_polled_by_the_next_poll_of_the_set() {
    snapshot!(rules::wakes_itself(|| run!("wakes_itself")));
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
    rules::stale_wakes();
}

#[test]
fn a_child_is_dropped_before_its_output_is_returned_and_the_others_with_the_set() {
    rules::dropped_in_time();
}

#[test]
fn a_child_that_panics_leaves_the_set_and_the_others_go_on() {
    rules::a_panic();
}

#[test]
fn a_child_is_not_moved_after_its_first_poll() {
    alone(
        || run!(),
        |run| {
            let mut set = ReadySet::new();
            let a = poller(run.recorder(), "A");
            for times in 1..40 {
                set.push(anchored(
                    run,
                    spy(run, "child", pending_times(times % 5, times)),
                ));
                let _polled = a.lend(|waker| set.poll_next_unpin(&mut Context::from_waker(waker)));
            }
        },
    );
}

#[test]
fn no_lock_is_held_while_a_child_is_polled_or_dropped() {
    rules::children_wake_each_other();
}

#[test]
fn no_lock_is_held_while_a_waker_is_called_or_dropped() {
    rules::wakers_wake_children();
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

#[test]
fn two_thousand_children_that_are_woken_one_by_one_take_two_polls_each() {
    rules::two_thousand();
}

#[test]
fn a_dropped_set_leaves_no_memory_behind() {
    rules::memory();
}

#[test]
fn every_short_run_is_as_expected() {
    let search = || Search::of(&runs::short()).up_to(4).naming(&runs::KNOWN);
    compare(
        search(),
        || run!(),
        Family::<Tested>::new,
        Family::<composition::ReadySet<Child>>::new,
    );
    let search = Search::of(&runs::long())
        .up_to(0)
        .and_random(60, 60, 7_3)
        .naming(&runs::KNOWN);
    compare(
        search,
        || run!(),
        Family::<Tested>::new,
        Family::<composition::ReadySet<Child>>::new,
    );
}
