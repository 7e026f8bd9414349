//! Tasks that are dropped after they were notified, or while they wait.

use super::super::subject::SharedNotify;
use super::{both_wait, notifies, notifies_all, polls, wait};
use probe::{run, snapshot};
use probe_futures::laws::waiting::{self};
use probe_futures::poller;
use probe_model::alone;

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
