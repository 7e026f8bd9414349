//! The executor with several threads: on real threads, and under a model of them.

use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use futures::future::join_all;
use speed::stealing::{JoinError, Workers};
use state_machines::yield_now;
use wakers::{block_on, oneshot};

#[test]
fn a_thousand_tasks_that_yield_all_complete() {
    let workers = Workers::new(4).unwrap();
    let tasks = (0..1_000u64).map(|number| {
        workers.spawn(async move {
            for _ in 0..number % 7 {
                yield_now().await;
            }
            number
        })
    });
    let sum: u64 = block_on(join_all(tasks.collect::<Vec<_>>()))
        .into_iter()
        .map(Result::unwrap)
        .sum();
    assert_eq!(sum, 499_500);
}

#[test]
fn a_task_spawns_tasks_that_wake_each_other_in_a_ring() {
    let workers = Arc::new(Workers::new(3).unwrap());
    let rounds = block_on(workers.spawn(ring(Arc::clone(&workers), 100))).unwrap();
    assert_eq!(rounds, 100);
}

/// Each task of the ring waits for a value of the one before, and sends it on.
async fn ring(workers: Arc<Workers>, length: usize) -> usize {
    let (first, mut receiver) = oneshot::channel::<usize>();
    let mut tasks = Vec::new();
    for _ in 0..length {
        let (sender, next) = oneshot::channel();
        tasks.push(workers.spawn(async move {
            let hops = receiver.await.expect("the task before sends");
            let _ = sender.send(hops + 1);
        }));
        receiver = next;
    }
    let _ = first.send(0);
    let hops = receiver.await.expect("the last task sends");
    for task in tasks {
        task.await.expect("no task panics");
    }
    hops
}

#[test]
fn a_panic_is_the_result_of_its_task_and_ends_no_worker() {
    let workers = Workers::new(1).unwrap();
    let panics = workers.spawn(async { panic!("on purpose") });
    assert!(matches!(
        block_on(panics),
        Err::<(), _>(JoinError::Panicked(_))
    ));
    assert_eq!(block_on(workers.spawn(async { 1 })).unwrap(), 1);
}

#[test]
fn a_task_that_panics_in_its_destructor_ends_no_worker() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }
    let workers = Workers::new(1).unwrap();
    let bomb = Bomb;
    drop(workers.spawn(async move {
        let _bomb = &bomb;
        yield_now().await;
    }));
    assert_eq!(block_on(workers.spawn(async { 1 })).unwrap(), 1);
}

#[test]
fn dropping_the_executor_drops_the_tasks_that_are_queued_or_woken_later() {
    let kept: Arc<Mutex<Option<Waker>>> = Arc::default();
    let workers = Workers::new(2).unwrap();
    let keeper = Arc::clone(&kept);
    let (tell, told) = oneshot::channel();
    let mut tell = Some(tell);
    let waits = workers.spawn(poll_fn(move |context| -> Poll<()> {
        *keeper.lock().unwrap() = Some(context.waker().clone());
        if let Some(tell) = tell.take() {
            let _ = tell.send(());
        }
        Poll::Pending
    }));
    block_on(told).unwrap();
    drop(workers);
    let waker = kept
        .lock()
        .unwrap()
        .take()
        .expect("the task has been polled");
    waker.wake();
    assert!(matches!(block_on(waits), Err(JoinError::Dropped)));
}

/// The end of each task wakes the next one, which is dropped then.
#[test]
fn dropping_the_executor_drops_a_long_row_of_tasks_that_wait_for_each_other() {
    let workers = Workers::new(2).unwrap();
    let (first, mut receiver) = oneshot::channel::<()>();
    let mut polled = Vec::new();
    for _ in 0..30_000 {
        let (sender, next) = oneshot::channel::<()>();
        let (waits, is_waiting) = oneshot::channel();
        drop(workers.spawn(async move {
            let _ = waits.send(());
            let _ = receiver.await;
            drop(sender);
        }));
        receiver = next;
        polled.push(is_waiting);
    }
    for is_waiting in polled {
        block_on(is_waiting).unwrap();
    }
    drop(workers);
    drop(first);
    assert!(block_on(receiver).is_err());
}

#[test]
fn one_of_its_own_tasks_may_drop_the_executor() {
    for panics in [false, true] {
        let workers = Arc::new(Workers::new(2).unwrap());
        let (give, given) = oneshot::channel::<Arc<Workers>>();
        let drops = workers.spawn(async move {
            let _last = given.await;
            assert!(!panics, "on purpose");
        });
        assert!(give.send(workers).is_ok());
        let dropped = block_on(drops);
        assert_eq!(matches!(dropped, Err(JoinError::Panicked(_))), panics);
        assert_eq!(dropped.is_ok(), !panics);
    }
}

#[test]
fn a_task_is_never_polled_by_two_workers_at_once() {
    let workers = Workers::new(4).unwrap();
    let (inside, polls) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let shared: Arc<(Mutex<Option<Waker>>, AtomicUsize)> = Arc::default();
    let waking = Arc::clone(&shared);
    let task = workers.spawn(poll_fn(move |context| {
        assert_eq!(
            inside.fetch_add(1, Ordering::SeqCst),
            0,
            "two polls at once"
        );
        *shared.0.lock().unwrap() = Some(context.waker().clone());
        inside.fetch_sub(1, Ordering::SeqCst);
        shared.1.fetch_add(1, Ordering::SeqCst);
        match polls.fetch_add(1, Ordering::SeqCst) {
            0..1_000 => Poll::Pending,
            _ => Poll::Ready(()),
        }
    }));
    // Three tasks wake the first as often as they can, while it is queued, runs or is suspended.
    let wakers = (0..3).map(|_| {
        let waking = Arc::clone(&waking);
        workers.spawn(async move {
            while waking.1.load(Ordering::SeqCst) <= 1_000 {
                let waker = waking.0.lock().unwrap().clone();
                if let Some(waker) = waker {
                    waker.wake();
                }
                yield_now().await;
            }
        })
    });
    let wakers: Vec<_> = wakers.collect();
    block_on(task).unwrap();
    for waker in wakers {
        block_on(waker).unwrap();
    }
}
