//! The thread-safe parts, under many interleavings of their threads.

use std::pin::Pin;
use std::sync::Arc;

use probe_futures::poller;
use probe_model::sync::thread;
use probe_model::{Blame, explore};

// The files of the chapter with the model's locks: see `sync` in `main.rs`.
#[path = "../src/shared_notify.rs"]
#[allow(dead_code, unreachable_pub, clippy::must_use_candidate)]
mod shared_notify;
#[path = "../src/shared_semaphore.rs"]
#[allow(dead_code, unreachable_pub, clippy::must_use_candidate)]
mod shared_semaphore;

use shared_notify::SharedNotify;
use shared_semaphore::SharedSemaphore;

fn under_the_model(body: impl Fn(&probe::Run) + Send + Sync + 'static) {
    explore(|| probe::run!(), Blame::ASLEEP, Blame::BUSY, body);
}

#[test]
fn a_notification_is_received_by_one_of_two_tasks_also_if_one_is_dropped() {
    under_the_model(|run| {
        let notify = Arc::new(SharedNotify::new());
        let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
        let mut first = Box::pin(notify.notified());
        let mut second = Box::pin(notify.notified());
        assert!(a.poll(first.as_mut()).is_pending());
        assert!(b.poll(second.as_mut()).is_pending());
        let theirs = Arc::clone(&notify);
        let other = thread::spawn(move || theirs.notify_one());
        drop(first);
        other.join().unwrap();
        assert_eq!(b.wakes(), 1);
        assert!(b.poll(second.as_mut()).is_ready());
        assert_eq!(a.counts().alive + b.counts().alive, 0);
    });
}

#[test]
fn a_notification_that_comes_during_the_first_poll_is_not_missed() {
    under_the_model(|run| {
        let notify = Arc::new(SharedNotify::new());
        let a = poller(run.recorder(), "A");
        let theirs = Arc::clone(&notify);
        let other = thread::spawn(move || theirs.notify_one());
        let mut waiting = Box::pin(notify.notified());
        let polled = a.poll(waiting.as_mut());
        other.join().unwrap();
        assert!(polled.is_ready() || a.wakes() == 1);
        assert!(polled.is_ready() || a.poll(waiting.as_mut()).is_ready());
    });
}

#[test]
fn two_notifications_without_a_task_are_one_permit() {
    under_the_model(|run| {
        let notify = Arc::new(SharedNotify::new());
        let a = poller(run.recorder(), "A");
        let theirs = Arc::clone(&notify);
        let other = thread::spawn(move || theirs.notify_one());
        notify.notify_one();
        other.join().unwrap();
        assert!(a.poll(Box::pin(notify.notified()).as_mut()).is_ready());
        assert!(a.poll(Box::pin(notify.notified()).as_mut()).is_pending());
    });
}

#[test]
fn all_waiting_tasks_are_notified_and_nothing_is_stored() {
    under_the_model(|run| {
        let notify = SharedNotify::new();
        let tasks = ["A", "B"].map(|name| poller(run.recorder(), name));
        let mut waiting: Vec<_> = tasks.iter().map(|_| Box::pin(notify.notified())).collect();
        for (task, waiting) in tasks.iter().zip(&mut waiting) {
            assert!(task.poll(waiting.as_mut()).is_pending());
        }
        notify.notify_waiters();
        drop(waiting.pop()); // Notified with all the others: not passed on.
        let mut late = Box::pin(notify.notified());
        assert!(tasks[1].poll(late.as_mut()).is_pending());
        assert!(tasks[0].poll(waiting[0].as_mut()).is_ready());
    });
}

#[test]
fn permits_are_conserved_whatever_the_threads_do() {
    under_the_model(|run| {
        let semaphore = SharedSemaphore::new(1);
        let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
        let permit = semaphore.try_acquire_many(1).unwrap();
        let mut first = Box::pin(semaphore.acquire());
        let mut second = Box::pin(semaphore.acquire());
        assert!(a.poll(first.as_mut()).is_pending());
        assert!(b.poll(second.as_mut()).is_pending());
        let other = thread::spawn(move || drop(permit));
        drop(first);
        other.join().unwrap();
        assert_eq!(b.wakes(), 1);
        drop(b.poll(second.as_mut()));
        assert_eq!(semaphore.available(), 1);
    });
}

#[test]
fn a_large_request_that_is_dropped_lets_the_small_one_behind_it_go() {
    under_the_model(|run| {
        let semaphore = SharedSemaphore::new(1);
        let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
        let mut large = Box::pin(semaphore.acquire_many(2));
        let mut small = Box::pin(semaphore.acquire());
        assert!(a.poll(large.as_mut()).is_pending());
        assert!(b.poll(small.as_mut()).is_pending());
        let other = thread::spawn(move || drop(large));
        other.join().unwrap();
        assert_eq!(b.wakes(), 1);
        assert!(b.poll(small.as_mut()).is_ready());
    });
}

#[test]
fn closing_wakes_and_refuses_the_waiting_tasks() {
    under_the_model(|run| {
        let semaphore = SharedSemaphore::new(0);
        let a = poller(run.recorder(), "A");
        let mut waiting = semaphore.acquire();
        assert!(a.poll(Pin::new(&mut waiting)).is_pending());
        let theirs = semaphore.clone();
        let other = thread::spawn(move || theirs.close());
        other.join().unwrap();
        assert_eq!(a.wakes(), 1);
        let polled = a.poll(Pin::new(&mut waiting));
        assert!(matches!(polled, std::task::Poll::Ready(Err(_))));
    });
}
