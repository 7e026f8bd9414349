//! Waits that are dropped before the latch opens.

use super::super::subject::Latch;
use super::diagnoses::{begins_to_wait, one, one_leaves, opens};
use probe::run;
use probe_futures::laws::waiting;
use probe_futures::{poller, spy};
use probe_model::alone;

#[test]
fn a_dropped_wait_keeps_no_waker() {
    alone(
        || run!(),
        |run| waiting::keeps_no_waker_when_dropped(run, one()),
    );
}

#[test]
fn dropping_one_wait_leaves_the_others_waiting() {
    for leaver in 0..3 {
        alone(|| run!(), move |run| one_leaves(run, leaver));
    }
}

#[test]
fn if_one_task_waits_twice_dropping_one_wait_leaves_the_other() {
    for leaver in 0..2 {
        alone(
            || run!(),
            move |run| {
                let latch = Latch::new(1);
                let a = poller(run.recorder(), "A");
                let mut waits = ["first", "second"]
                    .map(|lane| Some(spy(run, lane, latch.wait()).noting_its_end()));
                for wait in waits.iter_mut().flatten() {
                    begins_to_wait(run, &a, wait);
                }
                waits[leaver] = None;
                opens(run, &latch);
                if a.wakes() == 0 {
                    run.diagnose(
                        "one-place-a-task",
                        "A waited twice, and one of the two waits was dropped. The other wait is pending, and A was not woken: the two waits \
                         shared one slot, because their wakers wake the same task.",
                    );
                }
            },
        );
    }
}

#[test]
fn a_wait_finds_its_waker_after_another_wait_is_dropped() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            let [a, b, c] = ["A", "B", "C"].map(|name| poller(run.recorder(), name));
            let mut first = spy(run, "first", latch.wait()).noting_its_end();
            let mut second = spy(run, "second", latch.wait()).noting_its_end();
            let mut third = spy(run, "third", latch.wait()).noting_its_end();
            begins_to_wait(run, &a, &mut first);
            begins_to_wait(run, &b, &mut second);
            drop(first);
            begins_to_wait(run, &c, &mut third);
            let given_twice = b.counts().alive == 0;
            begins_to_wait(run, &b, &mut second);
            opens(run, &latch);
            let (missed, other) = match (b.wakes(), c.wakes()) {
                (0, _) => ("B", &c),
                (_, 0) => ("C", &b),
                _ => return,
            };
            let times = match other.wakes() {
                0 | 1 => String::new(),
                _ => format!(", and {} was woken twice", other.name()),
            };
            let why = if given_twice {
                "When A's wait was dropped the list became shorter, and C got the slot that B has: the length of the list was taken for a \
                 free slot."
            } else {
                "The waits find their wakers by a position in a list. When A's wait was dropped, the others moved up."
            };
            run.diagnose(
                "position-taken-for-number",
                format!("The latch opened, and {missed} was not woken{times}. {why}"),
            );
        },
    );
}
