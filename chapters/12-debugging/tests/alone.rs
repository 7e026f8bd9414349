//! A test on a loop of its own, and what it leaves there.

use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use debugging::{alone, leaks};
use event_loop::{Handle, Time, yield_now};
use probe::detect::DropCounter;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How much is left: tasks, timers, wakers.
fn counts<F: Future<Output = ()>>(test: impl FnOnce(Handle) -> F) -> [usize; 3] {
    let ((), left) = leaks::watch(test);
    [left.tasks.len(), left.timers, left.wakers]
}

#[test]
fn each_test_begins_at_zero_and_a_day_takes_a_day() {
    for _ in 0..3 {
        let (began, took) = alone(|handle| async move {
            let began = handle.now();
            handle.sleep(DAY).await;
            began
        });
        assert_eq!((began, took), (Time::START, DAY));
    }
}

#[test]
fn what_a_test_leaves_is_dropped_with_its_loop() {
    let values = DropCounter::new();
    let value = values.token();
    let ((), took) = alone(|handle| async move {
        drop(handle.spawn(async move {
            let _value = value;
            pending::<()>().await;
        }));
        yield_now().await;
    });
    assert_eq!((values.alive(), took), (0, Duration::ZERO));
}

#[test]
fn a_test_that_panics_does_not_affect_the_next() {
    let panicked = catch_unwind(|| {
        let ((), _took) = alone(|handle| async move {
            handle.sleep(DAY).await;
            panic!("expected");
        });
    });
    assert!(panicked.is_err());
    let (now, took) = alone(|handle| async move { handle.now() });
    assert_eq!((now, took), (Time::START, Duration::ZERO));
}

#[test]
fn what_has_ended_is_not_left() {
    let left = counts(|handle| async move {
        let panics = handle.spawn(async { panic!("expected") });
        let sleeps = handle.clone().spawn(handle.sleep(DAY));
        assert!(panics.await.is_err());
        sleeps.abort();
        handle.sleep(DAY).await;
    });
    assert_eq!(left, [0, 0, 0]);
}

#[test]
fn a_sleeping_task_is_left_with_its_timer() {
    let left = counts(|handle| async move {
        drop(handle.clone().spawn(async move { handle.sleep(DAY).await }));
        yield_now().await;
    });
    assert_eq!(left, [1, 1, 0]);
}

#[test]
fn wakers_are_left_only_if_their_task_has_completed() {
    let kept: Rc<RefCell<Vec<Waker>>> = Rc::default();
    let keeps = |ready: bool| {
        let kept = Rc::clone(&kept);
        poll_fn(move |context| {
            kept.borrow_mut().push(context.waker().clone());
            match ready {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
    };
    let (done, waits) = (keeps(true), keeps(false));
    let left = counts(|handle| async move {
        drop(handle.spawn(waits));
        handle.spawn(done).await.unwrap();
        yield_now().await;
    });
    assert_eq!((left, kept.borrow().len()), ([1, 0, 1], 2));
    // The loop is gone: these wakers wake nothing, and do no harm.
    kept.take().into_iter().for_each(Waker::wake);
}

#[test]
fn a_stuck_test_panics_and_the_next_one_runs() {
    let stuck = catch_unwind(AssertUnwindSafe(|| counts(|_| pending())));
    assert!(stuck.is_err());
    assert_eq!(counts(|_| async {}), [0, 0, 0]);
}
