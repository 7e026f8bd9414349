//! 8.10 shared-notify: a notification that any thread sends.

use std::pin::Pin;

use super::subject::{Notified, SharedNotify};
use probe::{Run, run, snapshot};
use probe_futures::laws::waiting::{self, Wait};
use probe_futures::{Poller, poller};
use probe_model::alone;

#[path = "shared_notify/machine.rs"]
mod machine;

// The tests below come first, and then those of these modules, in this order.
#[path = "shared_notify/cancelled.rs"]
mod cancelled;

#[path = "shared_notify/wakers.rs"]
mod wakers;

#[path = "shared_notify/many.rs"]
mod many;

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
