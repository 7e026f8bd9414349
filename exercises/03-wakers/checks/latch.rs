//! 3.7 latch: several tasks that wait for the same event.

#[path = "latch/diagnoses.rs"]
mod diagnoses;
#[path = "latch/machine.rs"]
mod machine;

use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use super::subject::Latch;
use diagnoses::{
    BLOCKED, DROPPED, all_are_woken, begins_to_wait, below_zero, one, one_leaves, opens, overflow,
    spy_is_pending,
};
use machine::{KNOWN, Reference, Step, Yours};
use probe::runs::Search;
use probe::{Recorder, run, snapshot};
use probe_futures::laws::waiting;
use probe_futures::{Poller, poller, spy};
use probe_model::sync::thread;
use probe_model::{Blame, alone, compare, explore, no_moment_is_missed, once};

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
                run.diagnose(
                    "zero-taken-for-empty",
                    "The latch was made with a count of 0, and a wait is pending. A count of 0 is a count: the latch is open.",
                );
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
fn a_wait_is_pending_until_the_count_is_zero() {
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
                let woken = a.wakes() > 0;
                if a.poll(Pin::new(&mut wait)).is_ready() {
                    run.diagnose(
                        "ready-too-early",
                        format!("The count is {left}, and `wait` returned Ready. It must stay pending until the count is 0."),
                    );
                }
                if woken {
                    run.diagnose(
                        "woken-for-nothing",
                        "The latch was counted down from 2 to 1, and A was woken. The latch is still closed: A polls, and is pending \
                         again.",
                    );
                }
                latch.count_down();
            }
            run.recorder().says("latch", "0 left");
            if a.poll(Pin::new(&mut wait)).is_pending() {
                run.departs("The latch of 2 was counted down twice, and a wait is still pending.");
            }
        },
    );
}

#[test]
fn a_clone_is_the_same_latch() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            let call = run
                .recorder()
                .enters("latch", "a clone of it: count_down()");
            latch.clone().count_down();
            call.returns("returns");
            let mut wait = spy(run, "wait", latch.wait());
            let a = poller(run.recorder(), "A");
            if a.poll(Pin::new(&mut wait)).is_pending() {
                run.diagnose(
                    "clones-count-alone",
                    "A clone of a latch of 1 was counted down, and a wait of the other clone is pending: each clone counts alone.",
                );
            }
        },
    );
}

#[test]
fn a_wait_does_not_wake_its_own_task() {
    alone(
        || run!(),
        |run| waiting::wakes_only_for_a_reason(run, one()),
    );
}

#[test]
fn the_last_count_wakes_the_waiting_task() {
    let run = alone(
        || run!("one_waits"),
        |run| waiting::wakes_when_it_happens(run, one()),
    );
    snapshot!(run);
}

#[test]
fn every_waiting_task_is_woken() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            let tasks = ["A", "B", "C"].map(|name| poller(run.recorder(), name));
            let mut waits = ["first", "second", "third"].map(|lane| spy(run, lane, latch.wait()));
            for (task, wait) in tasks.iter().zip(&mut waits) {
                if task.poll(Pin::new(wait)).is_ready() {
                    run.departs("The latch of 1 was not counted down yet, and a wait was ready.");
                }
            }
            let kept = tasks.each_ref().map(|task| task.counts().alive > 0);
            opens(run, &latch);
            all_are_woken(run, &tasks, kept);
            for (task, wait) in tasks.iter().zip(&mut waits) {
                if task.poll(Pin::new(wait)).is_pending() {
                    run.departs(format!(
                        "The latch is open, {} was woken, and its wait is still pending.",
                        task.name()
                    ));
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
fn the_task_that_polled_a_wait_last_is_woken() {
    alone(
        || run!(),
        |run| waiting::wakes_the_latest_poller(run, one()),
    );
}

#[test]
fn a_wait_keeps_one_waker_however_often_it_is_polled() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            let mut wait = Box::pin(latch.wait());
            let a = poller(run.recorder(), "A");
            for _ in 0..100 {
                if a.poll(wait.as_mut()).is_ready() {
                    run.departs("The latch of 1 was not counted down yet, and a wait was ready.");
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
                        "One wait was polled a hundred times, and {kept} of its wakers are kept. A wait needs one waker, that of its \
                         latest poll.",
                    ),
                );
            }
            latch.count_down();
        },
    );
}

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

#[test]
fn a_woken_task_can_poll_at_once() {
    once(
        || run!(),
        Blame {
            mistake: Some("wake-under-lock"),
            sentence: "The woken task polled at once, inside `wake`, and the poll has not returned: `count_down` calls `wake` while it holds \
                       the lock that the poll needs.",
        },
        Blame::BUSY,
        |run| waiting::wakes_without_its_lock(run, one()),
    );
}

#[test]
fn counting_down_an_open_latch_does_nothing() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            let a = poller(run.recorder(), "A");
            let mut wait = spy(run, "wait", latch.wait());
            begins_to_wait(run, &a, &mut wait);
            for _ in 0..3 {
                let call = run.recorder().enters("latch", "count_down()");
                match probe_model::expected(|| latch.count_down()) {
                    Ok(()) => call.returns("returns"),
                    Err(panic) => {
                        drop(call);
                        below_zero(run, &panic.message);
                    }
                }
            }
            if a.wakes() > 1 {
                run.diagnose(
                    "woken-for-nothing",
                    "The latch was open, `count_down` was called once more, and A was woken again. A latch opens once, and wakes each wait \
                     once.",
                );
            }
            if a.poll(Pin::new(&mut wait)).is_pending() {
                run.diagnose(
                    "counted-below-zero",
                    "The latch was open and was counted down again. Now a wait is pending: the count went below zero.",
                );
            }
        },
    );
}

#[test]
fn a_wait_that_was_ready_is_ready_again() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(0);
            let mut wait = Box::pin(latch.wait());
            let a = poller(run.recorder(), "A");
            for poll in ["first", "second"] {
                run.recorder().says("wait", format!("{poll} poll"));
                match probe_model::expected(|| a.poll(wait.as_mut()).is_ready()) {
                    Ok(true) => {}
                    Ok(false) => run.departs(format!(
                        "The latch is open, and the {poll} poll of one wait was not ready."
                    )),
                    Err(panic) => run.departs(format!(
                        "The latch is open, and the {poll} poll of one wait panicked: {}. A wait that is polled again is ready again.",
                        panic.message
                    )),
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
                    "Three threads counted a latch of 3 down once each, and a wait is still pending: two threads read the same number, and \
                     one count was lost.",
                );
            }
            if a.wakes() == 0 {
                run.departs("The latch is open, and A, which waits, was not woken.");
            }
        },
    );
}

#[test]
fn two_threads_that_count_at_once_open_a_latch_of_one() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let latch = Latch::new(1);
            let panicked: Arc<Mutex<Option<String>>> = Arc::default();
            let threads = ["first", "second"].map(|name| {
                let (latch, recorder) = (latch.clone(), run.recorder().clone());
                let panicked = Arc::clone(&panicked);
                thread::spawn(move || {
                    let call = recorder.enters(name, "count_down()");
                    match panic::catch_unwind(AssertUnwindSafe(|| latch.count_down())) {
                        Ok(()) => call.returns("returns"),
                        Err(payload) => *panicked.lock().unwrap() = Some(overflow(payload)),
                    }
                })
            });
            for thread in threads {
                thread.join().expect("counting does not panic");
            }
            if let Some(message) = panicked.lock().unwrap().take() {
                run.diagnose(
                    "counted-below-zero",
                    format!(
                        "The count was 1, and two threads counted at the same time. Both found the latch closed, and the second subtraction \
                         panicked: {message}.",
                    ),
                );
            }
            if spy_is_pending(run, &latch) {
                run.diagnose(
                    "counted-below-zero",
                    "The count was 1, and two threads counted at the same time. Both found the latch closed, and both subtracted one. Now \
                     a wait is pending: the count went below zero.",
                );
            }
        },
    );
}

#[test]
fn a_waker_is_dropped_with_no_lock_held() {
    // The latch drops A's waker because a newer one replaces it, or because its wait is dropped.
    for replaced in [true, false] {
        once(
            || run!(),
            DROPPED,
            Blame::BUSY,
            move |run| {
                let latch = Latch::new(1);
                let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
                let mut owned = latch.wait();
                let mut wait = spy(run, "wait", latch.wait());
                let _pending = b.poll(Pin::new(&mut owned));
                begins_to_wait(run, &a, &mut wait);
                let recorder = run.recorder().clone();
                a.on_drop(move || {
                    let call = recorder
                        .enters("A", "its last waker is dropped, and it drops what it owns");
                    drop(owned);
                    call.returns("done");
                });
                if replaced {
                    begins_to_wait(run, &b, &mut wait);
                }
                run.recorder().says("wait", "is dropped");
                drop(wait);
            },
        );
    }
}

#[test]
fn of_three_hundred_waits_all_that_are_left_are_woken() {
    alone(
        || run!(),
        |run| {
            let (latch, notes) = (Latch::new(2), Recorder::default());
            let tasks: Vec<Poller> = (0..WAITS_OF_MANY)
                .map(|number| poller(&notes, &format!("task {number}")))
                .collect();
            let mut waits: Vec<_> = tasks
                .iter()
                .map(|_| Some(Box::pin(latch.clone().wait())))
                .collect();
            for (wait, task) in waits.iter_mut().flatten().zip(&tasks) {
                if task.poll(wait.as_mut()).is_ready() {
                    run.departs("A latch of 2 that was not counted down was open.");
                }
            }
            run.recorder().says(
                "check",
                format!("{WAITS_OF_MANY} tasks wait, each with a clone of its own"),
            );
            // 7 and 300 have no common divisor, so this order visits every wait.
            let dropped = (0..WAITS_OF_MANY / 3).map(|step| step * 7 % WAITS_OF_MANY);
            dropped.for_each(|which| waits[which] = None);
            run.recorder()
                .says("check", "drops a third of the waits, in mixed order");
            latch.count_down();
            latch.clone().count_down();
            run.recorder().says("check", "counts down twice");
            let woken = |is: bool| {
                let all = tasks.iter().zip(&waits);
                all.filter(move |(task, wait)| wait.is_some() == is && (task.wakes() > 0) != is)
                    .map(|(task, _)| task.name())
                    .collect::<Vec<_>>()
            };
            let (missed, disturbed) = (woken(true), woken(false));
            if let Some(first) = missed.first() {
                run.recorder().says(first, "is not woken");
                run.diagnose(
                    "waits-mixed-up",
                    format!(
                        "{} tasks waited when the latch opened, and {} of them were not woken. There may be any number of waits.",
                        WAITS_OF_MANY - WAITS_OF_MANY / 3,
                        missed.len()
                    ),
                );
            }
            if let Some(first) = disturbed.first() {
                run.recorder().says(first, "is woken");
                run.diagnose(
                    "woken-for-nothing",
                    "The wait of this task had been dropped, and the task was woken when the latch opened.",
                );
            }
            drop((latch, waits));
            let kept: usize = tasks.iter().map(|task| task.counts().alive).sum();
            if kept > 0 {
                run.diagnose(
                    "waker-kept",
                    format!("The latch is open, all its waits and clones are dropped, and {kept} wakers are still kept."),
                );
            }
        },
    );
}

const WAITS_OF_MANY: usize = 300;

#[test]
fn every_short_run_is_as_expected() {
    let mut alphabet = vec![Step::CountDown];
    for wait in 0..3 {
        alphabet.extend([Step::Poll { wait, task: 0 }, Step::Drop { wait }]);
    }
    alphabet.push(Step::Poll { wait: 0, task: 1 });
    let search = Search::of(&alphabet)
        .up_to(4)
        .and_random(100, 10, 3)
        .leaving_no_memory()
        .naming(&KNOWN);
    compare(search, || run!(), Yours::new, Reference::new);
}

#[test]
fn long_runs_of_two_waits_and_two_tasks_are_as_expected() {
    let mut alphabet = vec![Step::CountDown];
    for wait in 0..2 {
        alphabet.extend([0, 1].map(|task| Step::Poll { wait, task }));
        alphabet.push(Step::Drop { wait });
    }
    let search = Search::of(&alphabet)
        .up_to(2)
        .and_random(400, 10, 37)
        .naming(&KNOWN);
    compare(search, || run!(), Yours::new, Reference::new);
}

#[test]
fn a_large_count_is_not_cut() {
    // Both sides of what 8, 16 and 32 bits can count.
    let sizes = [8, 16, 32].map(|bits| 1_usize.checked_shl(bits).unwrap_or(usize::MAX - 1));
    for count in sizes
        .into_iter()
        .flat_map(|size| [size, size + 1])
        .chain([usize::MAX])
    {
        alone(
            || run!(),
            move |run| {
                run.recorder()
                    .says("latch", format!("is made with a count of {count}"));
                let latch = Latch::new(count);
                let mut wait = spy(run, "wait", latch.wait());
                latch.count_down();
                run.recorder().says("latch", "count_down()");
                if poller(run.recorder(), "A")
                    .poll(Pin::new(&mut wait))
                    .is_ready()
                {
                    run.diagnose(
                        "ready-too-early",
                        format!("A latch of {count} was counted down once, and a wait is ready."),
                    );
                }
            },
        );
    }
}
