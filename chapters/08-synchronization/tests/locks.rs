//! Mutex, condition, read-write lock and barrier.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use event_loop::{EventLoop, yield_now};
use futures::FutureExt;
use probe::panics;
use probe_futures::{Poller, poller};
use synchronization::barrier::{Arrival, Barrier};
use synchronization::{Condition, Mutex, RwLock};

fn pollers<const N: usize>() -> [Poller; N] {
    let run = probe::run!();
    std::array::from_fn(|place| poller(run.recorder(), &format!("task {place}")))
}

/// A future that was polled once and waits.
#[track_caller]
fn waits<F: Future>(poller: &Poller, future: F) -> Pin<Box<F>> {
    let mut future = Box::pin(future);
    assert!(poller.poll(future.as_mut()).is_pending());
    future
}

#[track_caller]
fn ready<F: Future>(poller: &Poller, mut future: Pin<Box<F>>) -> F::Output {
    match poller.poll(future.as_mut()) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it is pending"),
    }
}

#[test]
fn an_update_with_an_await_in_the_middle_is_not_lost_under_a_lock() {
    let event_loop = EventLoop::new();
    let account = Rc::new(Mutex::new(0));
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let account = Rc::clone(&account);
            event_loop.handle().spawn(async move {
                let mut balance = account.lock().await;
                let before = *balance;
                yield_now().await;
                *balance = before + 1;
            })
        })
        .collect();
    event_loop.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(*account.try_lock().unwrap(), 10);
}

#[test]
fn a_lock_is_handed_to_the_first_waiter_and_no_late_task_overtakes_it() {
    let [a, b] = pollers();
    let mutex = Mutex::new(());
    let guard = mutex.try_lock().unwrap();
    let first = waits(&a, mutex.lock());
    let second = waits(&b, mutex.lock());
    drop(guard);
    assert!(mutex.try_lock().is_none());
    assert_eq!((a.wakes(), b.wakes()), (1, 0));
    drop(first);
    assert_eq!(b.wakes(), 1);
    drop(ready(&b, second));
    assert!(mutex.try_lock().is_some());
}

#[test]
fn a_panic_under_the_lock_unlocks_it() {
    let mutex = Mutex::new(1);
    let panicked = panics::expected(|| {
        let _guard = mutex.try_lock().unwrap();
        panic!("out of paper");
    });
    assert!(panicked.is_err());
    assert_eq!(*mutex.try_lock().unwrap(), 1);
}

#[test]
fn readers_share_the_lock_and_a_writer_has_it_alone() {
    let [a] = pollers();
    let lock = RwLock::new(7);
    let readers = [lock.try_read().unwrap(), lock.try_read().unwrap()];
    let writer = waits(&a, lock.write());
    assert!(lock.try_read().is_none(), "a writer waits");
    drop(readers);
    let mut value = ready(&a, writer);
    *value += 1;
    assert!(lock.try_read().is_none() && lock.try_write().is_none());
    drop(value);
    assert_eq!(*lock.try_read().unwrap(), 8);
}

#[test]
fn a_reader_waits_behind_a_waiting_writer_and_goes_on_when_that_is_dropped() {
    let [a, b] = pollers();
    let lock = RwLock::new(());
    let reader = lock.try_read().unwrap();
    let writer = waits(&a, lock.write());
    let late = waits(&b, lock.read());
    drop(writer);
    assert_eq!(b.wakes(), 1);
    let both = (ready(&b, late), reader);
    drop(both);
    assert!(lock.try_write().is_some());
}

#[test]
fn readers_that_wait_one_behind_the_other_get_the_lock_together() {
    let [a, b] = pollers();
    let lock = RwLock::new(());
    let writer = lock.try_write().unwrap();
    let waiting = [waits(&a, lock.read()), waits(&b, lock.read())];
    drop(writer);
    assert_eq!((a.wakes(), b.wakes()), (1, 1));
    for reader in waiting {
        drop(ready(&a, reader));
    }
}

#[test]
fn a_waiting_task_is_in_the_queue_before_it_unlocks() {
    let [a, b] = pollers();
    let (mutex, condition) = (Mutex::new(0), Condition::new());
    let guard = mutex.try_lock().unwrap();
    let changes = waits(&b, mutex.lock());
    let waiting = waits(&a, condition.wait(guard));
    assert_eq!((condition.waiting(), b.wakes()), (1, 1));
    *ready(&b, changes) = 1;
    condition.notify_one();
    assert_eq!(a.wakes(), 1);
    assert_eq!(*ready(&a, waiting), 1);
}

#[test]
fn a_notification_without_a_waiting_task_is_not_kept() {
    let [a] = pollers();
    let (mutex, condition) = (Mutex::new(()), Condition::new());
    condition.notify_one();
    condition.notify_all();
    let waiting = waits(&a, condition.wait(mutex.try_lock().unwrap()));
    assert_eq!(a.wakes(), 0);
    drop(waiting);
    assert_eq!((a.counts().alive, condition.waiting()), (0, 0));
}

/// Two tasks wait at a condition, and one notification is sent.
fn one_of_two_is_notified(dropped: impl FnOnce(&Poller, Pin<Box<dyn Future<Output = ()> + '_>>)) {
    let [a, b] = pollers();
    let (mutex, condition) = (Mutex::new(()), Condition::new());
    let wait = |guard| async {
        drop(condition.wait(guard).await);
    };
    let first = waits(&a, wait(mutex.try_lock().unwrap()));
    let second = waits(&b, wait(mutex.try_lock().unwrap()));
    condition.notify_one();
    assert_eq!((a.wakes(), b.wakes()), (1, 0));
    let held = mutex.try_lock().unwrap();
    dropped(&a, first);
    assert_eq!(b.wakes(), 1, "the notification is passed on");
    drop(held);
    ready(&b, second);
}

#[test]
fn a_notified_task_that_is_dropped_passes_the_notification_on() {
    one_of_two_is_notified(|_, first| drop(first));
}

#[test]
fn a_notified_task_that_is_dropped_while_it_waits_for_the_lock_passes_the_notification_on() {
    one_of_two_is_notified(|a, mut first| {
        assert!(a.poll(first.as_mut()).is_pending());
        drop(first);
    });
}

#[test]
fn a_notification_that_was_used_is_not_sent_again() {
    let [a, b] = pollers();
    let (mutex, condition) = (Mutex::new(()), Condition::new());
    let first = waits(&a, condition.wait(mutex.try_lock().unwrap()));
    let second = waits(&b, condition.wait(mutex.try_lock().unwrap()));
    condition.notify_one();
    drop(ready(&a, first));
    assert_eq!(b.wakes(), 0);
    drop(second);
}

#[test]
fn a_task_waits_again_as_long_as_the_value_is_not_what_it_wants() {
    let [a] = pollers();
    let (mutex, condition) = (Mutex::new(0), Condition::new());
    let guard = mutex.try_lock().unwrap();
    let mut waiting = waits(&a, condition.wait_while(guard, |value| *value < 2));
    for value in [1, 2] {
        *mutex.try_lock().unwrap() = value;
        condition.notify_all();
        assert_eq!(a.poll(waiting.as_mut()).is_ready(), value == 2);
    }
}

#[test]
fn the_last_task_at_a_barrier_lets_all_of_its_round_go_on() {
    let [a, b, c] = pollers();
    let barrier = Barrier::new(3);
    for _ in 0..2 {
        let first = waits(&a, barrier.wait());
        let second = waits(&b, barrier.wait());
        assert_eq!(barrier.arrived(), 2);
        let last = Box::pin(barrier.wait());
        assert_eq!(ready(&c, last), Arrival::Last);
        assert_eq!(barrier.arrived(), 0, "a new round has begun");
        assert_eq!(ready(&a, first), Arrival::Earlier);
        assert_eq!(ready(&b, second), Arrival::Earlier);
    }
    assert_eq!((a.wakes(), b.wakes()), (2, 2));
}

#[test]
fn a_task_that_is_dropped_at_a_barrier_has_not_arrived() {
    let [a, b] = pollers();
    let barrier = Barrier::new(2);
    drop(waits(&a, barrier.wait()));
    let other = waits(&b, barrier.wait());
    assert_eq!(barrier.wait().now_or_never(), Some(Arrival::Last));
    assert_eq!(ready(&b, other), Arrival::Earlier);
    assert_eq!(Barrier::new(1).wait().now_or_never(), Some(Arrival::Last));
    assert!(panics::expected(|| Barrier::new(0)).is_err());
}

#[test]
fn tasks_that_wait_at_a_condition_get_the_lock_one_after_the_other() {
    let event_loop = EventLoop::new();
    let shared = Rc::new((Mutex::new(()), Condition::new()));
    let inside = Rc::new(RefCell::new(0));
    let tasks: Vec<_> = (0..5)
        .map(|_| {
            let (shared, inside) = (Rc::clone(&shared), Rc::clone(&inside));
            event_loop.handle().spawn(async move {
                let guard = shared.0.lock().await;
                let _guard = shared.1.wait(guard).await;
                *inside.borrow_mut() += 1;
                yield_now().await;
                assert_eq!(*inside.borrow(), 1);
                *inside.borrow_mut() -= 1;
            })
        })
        .collect();
    event_loop.block_on(async {
        while shared.1.waiting() < 5 {
            yield_now().await;
        }
        shared.1.notify_all();
        for task in tasks {
            task.await.unwrap();
        }
    });
}
