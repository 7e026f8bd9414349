//! 3.7 latch: several who wait for the same thing.

use std::pin::Pin;

use super::subject::{Latch, Wait as Waiting};
use probe::{Run, run, snapshot};
use probe_futures::laws::waiting::{self, Wait};
use probe_futures::{Poller, Spy, poller, spy};
use probe_model::sync::thread;
use probe_model::{Blame, alone, explore, no_moment_is_missed, once};

/// One who waits for a latch that is to be counted down once.
fn one() -> Wait<Waiting> {
    let latch = Latch::new(1);
    let future = latch.wait();
    Wait::new(future, move || latch.count_down())
}

const BLOCKED: Blame<'static> = Blame {
    mistake: Some("blocked-in-poll"),
    sentence: "The poll did not come back: it waits, inside, for something to happen. A poll says what is so now, and returns; the waiting \
               is done by whoever polls, for all that it polls.",
};

#[test]
fn a_latch_of_zero_is_open_from_the_beginning() {
    alone(
        || run!(),
        |run| {
            let mut wait = spy(run, "wait", Latch::new(0).wait());
            if poller(run.recorder(), "A")
                .poll(Pin::new(&mut wait))
                .is_pending()
            {
                run.departs("There is nothing to be counted down, so nobody has to wait.");
            }
        },
    );
}

#[test]
fn after_the_last_count_a_wait_is_ready_at_once() {
    alone(
        || run!(),
        |run| waiting::ready_if_it_has_happened(run, one()),
    );
}

#[test]
fn until_it_has_been_counted_down_a_wait_is_pending() {
    once(
        || run!(),
        BLOCKED,
        BLOCKED,
        |run| {
            let latch = Latch::new(2);
            let mut wait = spy(run, "wait", latch.wait());
            let a = poller(run.recorder(), "A");
            for left in [2, 1] {
                run.recorder().says("latch", format!("{left} left"));
                if a.poll(Pin::new(&mut wait)).is_ready() {
                    run.diagnose(
                        "ready-too-early",
                        "The latch has not been counted down to zero, and a wait is ready.",
                    );
                }
                latch.count_down();
                if left == 2 && a.wakes() > 0 {
                    run.diagnose(
                        "woken-for-nothing",
                        "The latch was counted down from 2 to 1, and A was woken. It is still closed: A can only look, and wait again, \
                         and so can everybody else who waits, at every count.",
                    );
                }
            }
            run.recorder().says("latch", "0 left");
            if a.poll(Pin::new(&mut wait)).is_pending() {
                run.departs("It has been counted down twice, and a wait is still pending.");
            }
        },
    );
}

#[test]
fn while_it_waits_it_does_not_wake_itself() {
    alone(
        || run!(),
        |run| waiting::wakes_only_for_a_reason(run, one()),
    );
}

#[test]
fn the_last_count_wakes_who_waits() {
    let run = alone(
        || run!("one_waits"),
        |run| waiting::wakes_when_it_happens(run, one()),
    );
    snapshot!(run);
}

#[test]
fn everybody_who_waits_is_woken() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            let tasks = ["A", "B", "C"].map(|name| poller(run.recorder(), name));
            let mut waits = ["first", "second", "third"].map(|lane| spy(run, lane, latch.wait()));
            for (task, wait) in tasks.iter().zip(&mut waits) {
                if task.poll(Pin::new(wait)).is_ready() {
                    run.departs("It was ready although nobody had counted yet.");
                }
            }
            let call = run.recorder().enters("latch", "count_down()");
            latch.count_down();
            call.returns("open");
            match [0, 1, 2].map(|task: usize| tasks[task].wakes() > 0) {
                [true, true, true] => {}
                [false, false, true] => run.diagnose(
                    "one-slot-for-all",
                    "Three waited, and only C was woken, who came last. There is room for one waker, and each who comes throws out the \
                     one before.",
                ),
                [true, false, false] => run.diagnose(
                    "woke-only-one",
                    "Three waited, and only A was woken, who came first. The latch opens once: nobody will come by to wake the others.",
                ),
                woken => {
                    let missed: Vec<&str> = ["A", "B", "C"]
                        .into_iter()
                        .zip(woken)
                        .filter_map(|(name, woken)| (!woken).then_some(name))
                        .collect();
                    run.departs(format!("Nobody woke {}.", missed.join(" and ")));
                }
            }
            for (task, wait) in tasks.iter().zip(&mut waits) {
                if task.poll(Pin::new(wait)).is_pending() {
                    run.departs("The latch is open, and somebody who was woken is still waiting.");
                }
            }
        },
    );
}

#[test]
fn polling_again_before_it_opens_changes_nothing() {
    alone(|| run!(), |run| waiting::a_poll_proves_nothing(run, one()));
}

#[test]
fn a_wait_that_has_moved_to_another_task_is_still_woken() {
    alone(
        || run!(),
        |run| waiting::wakes_whoever_polled_last(run, one()),
    );
}

#[test]
fn one_who_is_polled_often_takes_no_more_room() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            let mut wait = Box::pin(latch.wait());
            let a = poller(run.recorder(), "A");
            for _ in 0..100 {
                if a.poll(wait.as_mut()).is_ready() {
                    run.departs("It was ready although nobody had counted yet.");
                }
            }
            let kept = a.counts().alive;
            run.recorder().says(
                "A",
                format!("polls a hundred times: {kept} of its wakers are kept"),
            );
            if kept > 3 {
                run.diagnose(
                    "wakers-pile-up",
                    format!(
                        "One task waits, and was polled a hundred times; {kept} wakers of it are kept. Each poll adds one, and only the \
                         newest will ever be of use.",
                    ),
                );
            }
            latch.count_down();
        },
    );
}

#[test]
fn a_wait_that_is_dropped_leaves_no_waker() {
    alone(
        || run!(),
        |run| waiting::keeps_no_waker_when_dropped(run, one()),
    );
}

#[test]
fn one_who_leaves_takes_nobody_along() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            let mut first = spy(run, "first", latch.wait()).noting_its_end();
            let mut second = spy(run, "second", latch.wait()).noting_its_end();
            begins_to_wait(run, &a, &mut first);
            begins_to_wait(run, &b, &mut second);
            drop(first);
            latch.count_down();
            if b.wakes() == 0 {
                run.departs(
                    "A's wait was dropped, and after that B, who still waits, was not woken.",
                );
            }
        },
    );
}

#[test]
fn places_do_not_get_mixed_up_when_one_leaves() {
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
            begins_to_wait(run, &b, &mut second);
            latch.count_down();
            if b.wakes() == 0 || c.wakes() == 0 {
                let missed = if b.wakes() == 0 { "B" } else { "C" };
                run.diagnose(
                    "position-taken-for-number",
                    format!(
                        "A's wait was dropped, B was polled again, and {missed} was not woken. The waits find their wakers by a place in \
                         a list, and when one leaves, the others move up.",
                    ),
                );
            }
        },
    );
}

#[track_caller]
fn begins_to_wait(run: &Run, task: &Poller, wait: &mut Spy<Waiting>) {
    if task.poll(Pin::new(wait)).is_ready() {
        run.departs("It was ready although nobody had counted yet.");
    }
}

#[test]
fn whoever_is_woken_may_poll_at_once() {
    once(
        || run!(),
        Blame {
            mistake: Some("wake-under-lock"),
            sentence: "The task that was woken polled at once, from inside `wake`, and everything stood still: `wake` is called while \
                       the lock is held that the poll needs.",
        },
        Blame::BUSY,
        |run| waiting::wakes_without_its_lock(run, one()),
    );
}

#[test]
fn counting_an_open_latch_does_nothing() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            for _ in 0..3 {
                let call = run.recorder().enters("latch", "count_down()");
                match probe_model::expected(|| latch.count_down()) {
                    Ok(()) => call.returns("returns"),
                    Err(panic) => {
                        drop(call);
                        run.diagnose(
                            "counted-below-zero",
                            format!(
                                "The latch is open and was counted down again, which panicked: {}.",
                                panic.message
                            ),
                        );
                    }
                }
            }
            let mut wait = spy(run, "wait", latch.wait());
            if poller(run.recorder(), "A")
                .poll(Pin::new(&mut wait))
                .is_pending()
            {
                run.diagnose(
                    "counted-below-zero",
                    "The latch was open, was counted down again, and is closed now: the count has gone past zero.",
                );
            }
        },
    );
}

#[test]
fn a_wait_may_be_polled_again_after_it_was_ready() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(0);
            let mut wait = Box::pin(latch.wait());
            let a = poller(run.recorder(), "A");
            for poll in ["first", "second"] {
                run.recorder().says("wait", format!("{poll} poll"));
                let ready = probe_model::expected(|| a.poll(wait.as_mut()).is_ready());
                if !ready.unwrap_or(false) {
                    run.departs(format!(
                        "The latch is open, and the {poll} poll of one wait was not ready."
                    ));
                }
            }
        },
    );
}

#[test]
fn an_opening_in_the_middle_of_a_poll_is_not_missed() {
    no_moment_is_missed(|| run!(), one);
}

#[test]
fn counts_from_several_threads_are_all_counted() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let latch = Latch::new(3);
            let a = poller(run.recorder(), "A");
            let mut wait = spy(run, "wait", latch.wait());
            let threads = ["first", "second", "third"].map(|name| {
                let (latch, recorder) = (latch.clone(), run.recorder().clone());
                thread::spawn(move || {
                    let call = recorder.enters(name, "count_down()");
                    latch.count_down();
                    call.returns("returns");
                })
            });
            let first = a.poll(Pin::new(&mut wait));
            for thread in threads {
                thread.join().expect("counting does not panic");
            }
            if first.is_ready() {
                return;
            }
            if spy_is_pending(run, &latch) {
                run.diagnose(
                    "lost-count",
                    "Three threads counted once each, and the latch is still closed: one count was overwritten by another that had \
                     read the same number.",
                );
            }
            if a.wakes() == 0 {
                run.departs("The latch is open, and A, who waits, was not woken.");
            }
        },
    );
}

/// Whether somebody new would have to wait.
fn spy_is_pending(run: &Run, latch: &Latch) -> bool {
    let mut wait = spy(run, "another wait", latch.wait());
    poller(run.recorder(), "B")
        .poll(Pin::new(&mut wait))
        .is_pending()
}
