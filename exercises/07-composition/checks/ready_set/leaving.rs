//! Children that leave the set, in time or by a panic, and none that is moved.

use std::task::{Context, Poll};

use super::super::subject::ReadySet;
use super::laws::{expect, waiting};
use super::world::poll;
use futures::StreamExt;
use probe::run;
use probe_futures::{anchored, pending_times, poller, spy};
use probe_model::alone;

#[test]
fn a_child_is_dropped_before_its_output_is_returned_and_the_others_with_the_set() {
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

#[test]
fn a_child_that_panics_leaves_the_set_and_the_others_go_on() {
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
