//! 8.10 shared-notify: a notification that any thread sends.

use std::pin::Pin;

use super::subject::{Notified, SharedNotify};
use machine::{Reference, Step, Yours};
use probe::runs::Search;
use probe::{Run, run, snapshot};
use probe_futures::laws::waiting::{self, Wait};
use probe_futures::{Poller, poller};
use probe_model::sync::thread;
use probe_model::{Blame, alone, compare, explore, no_moment_is_missed, once};

#[path = "shared_notify/machine.rs"]
mod machine;

/// A notification that lasts as long as the test, so that threads and hooks can use it.
fn lasting() -> &'static SharedNotify {
    Box::leak(Box::default())
}

/// A task that waits, and the notification.
fn wait() -> Wait<Notified<'static>> {
    let notify = lasting();
    Wait::new(notify.notified(), || notify.notify_one())
}

/// A task that waits with all the others.
fn wait_for_all() -> Wait<Notified<'static>> {
    let notify = lasting();
    Wait::new(notify.notified(), || notify.notify_waiters())
}

#[test]
fn a_task_waits_until_it_is_notified() {
    for wait in [wait, wait_for_all] {
        alone(
            || run!(),
            move |run| waiting::pending_until_it_happens(run, wait()),
        );
        alone(
            || run!(),
            move |run| waiting::wakes_when_it_happens(run, wait()),
        );
    }
}

#[test]
fn a_poll_before_the_notification_changes_nothing() {
    for wait in [wait, wait_for_all] {
        alone(
            || run!(),
            move |run| waiting::wakes_only_for_a_reason(run, wait()),
        );
        alone(
            || run!(),
            move |run| waiting::a_poll_proves_nothing(run, wait()),
        );
    }
}

#[test]
fn the_task_that_polled_last_is_woken() {
    for wait in [wait, wait_for_all] {
        alone(
            || run!(),
            move |run| waiting::wakes_the_latest_poller(run, wait()),
        );
    }
}

#[test]
fn a_notification_without_a_waiting_task_is_kept_for_the_next() {
    let run = alone(
        || run!("kept"),
        |run| {
            let notify = SharedNotify::new();
            notifies(run, &notify);
            notifies(run, &notify);
            let a = poller(run.recorder(), "A");
            if !polls(run, &a, &mut Box::pin(notify.notified())) {
                run.departs("`notify_one` was called while no task waited. A's first poll returned Pending.");
            }
            if polls(run, &a, &mut Box::pin(notify.notified())) {
                run.diagnose(
                    "notifications-counted",
                    "`notify_one` was called twice while no task waited, and two waits were ready at once. One permit is kept, and not more.",
                );
            }
        },
    );
    snapshot!(run);
}

#[test]
fn the_task_that_has_waited_longest_is_notified() {
    let run = alone(
        || run!("in_order"),
        |run| {
            let notify = SharedNotify::new();
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            let [mut first, mut second] = [0, 1].map(|_| Box::pin(notify.notified()));
            both_wait(run, [(&a, &mut first), (&b, &mut second)]);
            notifies(run, &notify);
            if a.wakes() == 0 || b.wakes() > 0 {
                run.departs(format!(
                    "A has waited longest, then B. One notification woke A {} times and B {} times. Expected: A once.",
                    a.wakes(),
                    b.wakes()
                ));
            }
            notifies(run, &notify);
            if !polls(run, &a, &mut first) || !polls(run, &b, &mut second) {
                run.departs("Two tasks waited, and two notifications were sent. One of the tasks is still pending.");
            }
        },
    );
    snapshot!(run);
}

#[test]
fn all_that_wait_are_notified_and_nothing_is_kept() {
    let run = alone(
        || run!("all"),
        |run| {
            let notify = SharedNotify::new();
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            let [mut first, mut second] = [0, 1].map(|_| Box::pin(notify.notified()));
            both_wait(run, [(&a, &mut first), (&b, &mut second)]);
            notifies_all(run, &notify);
            if polls(run, &a, &mut Box::pin(notify.notified())) {
                run.diagnose(
                    "kept-for-a-late-task",
                    "`notify_waiters` was called, and a wait that began after it was ready. It notifies the tasks that wait at that moment, \
                     and keeps nothing.",
                );
            }
            if !polls(run, &a, &mut first) || !polls(run, &b, &mut second) {
                run.departs("A and B waited when `notify_waiters` was called. One of them is still pending.");
            }
        },
    );
    snapshot!(run);
}

#[test]
fn a_notified_task_that_is_dropped_passes_the_notification_on() {
    let run = alone(
        || run!("passed_on"),
        |run| {
            let notify = SharedNotify::new();
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            let [mut first, mut second] = [0, 1].map(|_| Box::pin(notify.notified()));
            both_wait(run, [(&a, &mut first), (&b, &mut second)]);
            notifies(run, &notify);
            run.recorder().says("A", "is dropped");
            drop(first);
            if b.wakes() == 0 {
                run.diagnose(
                    "notification-lost",
                    "A was notified, and dropped before its next poll. B waits, and was not woken: the notification is gone.",
                );
            }
            if !polls(run, &b, &mut second) {
                run.departs("B was woken, and its poll returned Pending.");
            }
        },
    );
    snapshot!(run);
}

#[test]
fn a_notification_that_no_other_task_waits_for_is_kept() {
    alone(
        || run!(),
        |run| {
            let notify = SharedNotify::new();
            let a = poller(run.recorder(), "A");
            let mut only = Box::pin(notify.notified());
            let _pending = polls(run, &a, &mut only);
            notifies(run, &notify);
            run.recorder().says("A", "is dropped");
            drop(only);
            if !polls(run, &a, &mut Box::pin(notify.notified())) {
                run.diagnose(
                    "notification-lost",
                    "A was notified, and dropped before its next poll. No other task waited, and the next wait is pending: the notification \
                     is gone.",
                );
            }
        },
    );
}

#[test]
fn a_task_that_was_notified_with_all_others_passes_nothing_on() {
    alone(
        || run!(),
        |run| {
            let notify = SharedNotify::new();
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            let [mut first, mut late] = [0, 1].map(|_| Box::pin(notify.notified()));
            let _pending = polls(run, &a, &mut first);
            notifies_all(run, &notify);
            let _pending = polls(run, &b, &mut late);
            run.recorder().says("A", "is dropped");
            drop(first);
            if b.wakes() > 0 || polls(run, &b, &mut late) {
                run.diagnose(
                    "notification-made",
                    "A was notified by `notify_waiters` and dropped. B, which began to wait after that call, was notified. Each task that \
                     waited has a notification of its own, so there is none to pass on.",
                );
            }
        },
    );
}

#[test]
fn a_dropped_task_keeps_no_waker() {
    alone(
        || run!(),
        |run| waiting::keeps_no_waker_when_dropped(run, wait()),
    );
}

#[test]
fn a_woken_task_can_poll_at_once() {
    for wait in [wait, wait_for_all] {
        once(
            || run!(),
            Blame {
                mistake: Some("wake-under-lock"),
                sentence: "The woken task polled at once, inside `wake`, and the poll has not returned: the waker is called while the lock is \
                           held that the poll needs.",
            },
            Blame::BUSY,
            move |run| waiting::wakes_without_its_lock(run, wait()),
        );
    }
}

/// What happens to a waker.
#[derive(Clone, Copy)]
enum Happens {
    Cloned,
    Replaced,
    Dropped,
}

#[test]
fn a_waker_that_is_cloned_or_dropped_may_notify() {
    for (happens, mistake, sentence) in [
        (
            Happens::Cloned,
            None,
            "A poll cloned its waker, code inside `clone` called `notify_waiters`, and that has not returned: the lock is held while the waker is cloned.",
        ),
        (
            Happens::Replaced,
            Some("dropped-under-lock"),
            "A newer waker took the place of an older one. Code inside the older one's destructor called `notify_waiters`, and that has not returned: the lock is held while the waker is dropped.",
        ),
        (
            Happens::Dropped,
            Some("dropped-under-lock"),
            "A wait was dropped, and its waker with it. Code inside the waker's destructor called `notify_waiters`, and that has not returned: the lock is held while the waker is dropped.",
        ),
    ] {
        once(
            || run!(),
            Blame { mistake, sentence },
            Blame::BUSY,
            move |run| {
                let notify = lasting();
                let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
                let mut wait = Box::pin(notify.notified());
                if matches!(happens, Happens::Cloned) {
                    a.on_clone(|| notify.notify_waiters());
                }
                let _pending = a.poll(wait.as_mut());
                match happens {
                    Happens::Cloned => {}
                    Happens::Replaced => {
                        a.on_drop(|| notify.notify_waiters());
                        let _pending = b.poll(wait.as_mut());
                    }
                    Happens::Dropped => a.on_drop(|| notify.notify_waiters()),
                }
                drop(wait);
            },
        );
    }
}

#[test]
fn a_wait_panics_if_it_is_polled_after_ready() {
    alone(
        || run!(),
        |run| {
            let notify = lasting();
            notify.notify_one();
            let a = poller(run.recorder(), "A");
            let mut wait = Box::pin(notify.notified());
            if a.poll(wait.as_mut()).is_pending() {
                run.departs("A permit was stored, and the first poll of the next wait is pending.");
            }
            if let Ok(again) = probe_model::expected(|| a.poll(wait.as_mut())) {
                run.departs(format!(
                    "The wait was ready, and a second poll returned {again:?}. The contract asks for a panic."
                ));
            }
        },
    );
}

#[test]
fn each_of_three_hundred_tasks_is_notified() {
    alone(
        || run!(),
        |run| {
            let notify = lasting();
            let recorder = probe::Recorder::default();
            let mut waits: Vec<_> = (0..300)
                .map(|_| (poller(&recorder, "a task"), Box::pin(notify.notified())))
                .collect();
            for (task, wait) in &mut waits {
                let _pending = task.poll(wait.as_mut());
            }
            run.recorder()
                .says("notification", "300 tasks wait, and 300 are sent");
            (0..300).for_each(|_| notify.notify_one());
            let ready = waits
                .iter_mut()
                .filter_map(|(task, wait)| {
                    (task.wakes() == 1 && task.poll(wait.as_mut()).is_ready()).then_some(())
                })
                .count();
            if ready != 300 {
                run.departs(format!(
                    "300 tasks waited, and 300 notifications were sent. {ready} of the tasks were woken once and are ready."
                ));
            }
        },
    );
}

#[test]
fn a_notification_in_the_middle_of_a_poll_is_not_missed() {
    no_moment_is_missed(|| run!(), wait);
}

#[test]
fn one_notification_is_received_once_although_a_task_is_dropped_meanwhile() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let notify = lasting();
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            let [mut first, mut second] = [0, 1].map(|_| Box::pin(notify.notified()));
            both_wait(run, [(&a, &mut first), (&b, &mut second)]);
            let other = thread::spawn(|| notify.notify_one());
            run.recorder().says("A", "is dropped");
            drop(first);
            other.join().expect("a notification does not panic");
            if b.wakes() == 0 || !polls(run, &b, &mut second) {
                run.diagnose(
                    "notification-lost",
                    "A and B waited. One thread sent one notification while another dropped A. B is pending: the notification is gone.",
                );
            }
            if polls(run, &a, &mut Box::pin(notify.notified())) {
                run.departs("One notification was sent, B has received it, and the next wait was ready, too.");
            }
        },
    );
}

#[test]
fn every_short_run_is_as_expected() {
    let alphabet = [
        Step::Polls(0),
        Step::Polls(1),
        Step::Polls(2),
        Step::One,
        Step::All,
        Step::Drops(0),
        Step::Drops(1),
    ];
    let search = Search::of(&alphabet).up_to(4).and_random(40, 14, 10);
    compare(search, || run!(), Yours::new, Reference::new);
}

fn notifies(run: &Run, notify: &SharedNotify) {
    let call = run.recorder().enters("caller", "notify_one()");
    notify.notify_one();
    call.returns("done");
}

fn notifies_all(run: &Run, notify: &SharedNotify) {
    let call = run.recorder().enters("caller", "notify_waiters()");
    notify.notify_waiters();
    call.returns("done");
}

/// Both tasks begin to wait, in this order.
#[track_caller]
fn both_wait(run: &Run, tasks: [(&Poller, &mut Pin<Box<Notified<'_>>>); 2]) {
    for (task, wait) in tasks {
        if polls(run, task, wait) {
            run.departs(format!(
                "No notification was sent, and {}'s poll returned Ready.",
                task.name()
            ));
        }
    }
}

/// Polls it once. Whether it was ready.
fn polls(run: &Run, by: &Poller, wait: &mut Pin<Box<Notified<'_>>>) -> bool {
    let call = run.recorder().enters(by.name(), "polls notified()");
    let ready = by.poll(wait.as_mut()).is_ready();
    call.returns(if ready { "Ready" } else { "Pending" });
    ready
}
