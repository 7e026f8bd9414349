//! Wakers that use the notification while they are called, cloned or dropped, and a poll after the end.

use super::{lasting, wait, wait_for_all};
use probe::run;
use probe_futures::laws::waiting::{self};
use probe_futures::poller;
use probe_model::{Blame, alone, once};

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
