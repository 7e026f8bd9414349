//! Wakers that are kept after their task has completed, and what a loop drops at its end.

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use super::super::subject::watch;
use super::judge::{expect, miscounts};
use super::script::wakers_of_completed_task;
use event_loop::yield_now;
use probe::detect::DropCounter;
use probe::run;

#[test]
fn a_waker_that_is_kept_after_its_task_has_completed_is_left() {
    let run = run!();
    let registry: Rc<Cell<Vec<Waker>>> = Rc::default();
    let kept = Rc::clone(&registry);
    let ((), left) = watch(|handle| async move {
        wakers_of_completed_task(&handle, 3, &kept).await;
    });
    run.recorder()
        .says("registry", "keeps 3 wakers of a task that has completed");
    if left.wakers == 0 {
        miscounts(
            &run,
            &left,
            "kept-waker-missed",
            "A registry keeps three clones of the waker of a task that has completed, and `watch` counts none.",
        );
    }
    if left.wakers == 1 {
        miscounts(
            &run,
            &left,
            "clones-counted-once",
            "A registry keeps three clones of the waker of a task that has completed, and `watch` counts one. Each clone is a leak of its own.",
        );
    }
    expect(&run, &left, 0, 0, 3);
    drop(registry);
}

#[test]
fn what_is_left_is_dropped_before_watch_returns() {
    let run = run!();
    let tasks = DropCounter::new();
    let (waits, unpolled) = (tasks.token(), tasks.token());
    let ((), left) = watch(|handle| async move {
        drop(handle.spawn(async move {
            let _token = waits;
            pending::<()>().await;
        }));
        yield_now().await;
        drop(handle.spawn(async move { drop(unpolled) }));
    });
    expect(&run, &left, 2, 0, 0);
    if tasks.alive() > 0 {
        run.recorder().lacks("tasks", "are not dropped");
        run.diagnose(
            "left-tasks-kept",
            format!("Two tasks were left, and `watch` has returned. {} of them are still in memory, with what they hold.", tasks.alive()),
        );
    }
}

#[test]
fn the_wakers_of_three_hundred_tasks_are_counted() {
    let run = run!();
    let registry: Rc<RefCell<Vec<Waker>>> = Rc::default();
    let kept = Rc::clone(&registry);
    let ((), left) = watch(|handle| async move {
        for _ in 0..300 {
            let kept = Rc::clone(&kept);
            let task = handle.spawn(poll_fn(move |context| {
                kept.borrow_mut().push(context.waker().clone());
                Poll::Ready(())
            }));
            task.await.unwrap();
        }
    });
    run.recorder().says(
        "registry",
        "keeps a waker of each of 300 tasks that have completed",
    );
    expect(&run, &left, 0, 0, 300);
    drop(registry);
}

#[test]
fn the_waker_of_a_task_that_was_aborted_is_left() {
    let run = run!();
    let registry: Rc<Cell<Vec<Waker>>> = Rc::default();
    let kept = Rc::clone(&registry);
    let ((), left) = watch(|handle| async move {
        let task = handle.spawn(poll_fn(move |context| {
            kept.set(vec![context.waker().clone()]);
            Poll::<()>::Pending
        }));
        yield_now().await;
        task.abort();
    });
    run.recorder()
        .says("registry", "keeps a waker of a task that was aborted");
    if left.wakers == 0 {
        miscounts(
            &run,
            &left,
            "kept-waker-missed",
            "A registry keeps the waker of a task that was aborted, and `watch` counts none. A task that was dropped has completed, too.",
        );
    }
    expect(&run, &left, 0, 0, 1);
    drop(registry);
}

#[test]
fn a_callback_for_later_is_a_task_that_is_left() {
    let run = run!();
    let ((), left) = watch(|handle| async move {
        drop(handle.call_later(Duration::from_secs(3600), || ()));
        yield_now().await;
    });
    run.recorder()
        .says("test", "asks for a callback in an hour, and returns");
    expect(&run, &left, 1, 1, 0);
}

#[test]
fn the_waker_of_an_earlier_poll_counts_as_well() {
    let run = run!();
    let registry: Rc<RefCell<Vec<Waker>>> = Rc::default();
    let kept = Rc::clone(&registry);
    let ((), left) = watch(|handle| async move {
        let mut polls = 0;
        let task = handle.spawn(poll_fn(move |context| {
            polls += 1;
            kept.borrow_mut().push(context.waker().clone());
            context.waker().wake_by_ref();
            match polls {
                2 => Poll::Ready(()),
                _ => Poll::Pending,
            }
        }));
        task.await.unwrap();
    });
    run.recorder().says(
        "registry",
        "keeps the wakers of both polls of a task that has completed",
    );
    if left.wakers == 1 {
        miscounts(
            &run,
            &left,
            "older-waker-missed",
            "A task was polled twice, and a registry keeps the waker of each poll. The task has completed, and `watch` counts one waker.",
        );
    }
    expect(&run, &left, 0, 0, 2);
    drop(registry);
}

#[test]
fn the_waker_of_the_test_itself_is_left_when_it_is_kept() {
    let run = run!();
    let registry: Rc<Cell<Option<Waker>>> = Rc::default();
    let kept = Rc::clone(&registry);
    let ((), left) = watch(|_| {
        poll_fn(move |context| {
            kept.set(Some(context.waker().clone()));
            Poll::Ready(())
        })
    });
    run.recorder()
        .says("registry", "keeps a waker of the test's own future");
    if left.wakers == 0 {
        miscounts(
            &run,
            &left,
            "own-waker-missed",
            "A registry keeps a waker of the test's own future, which has completed. `watch` counts none: that future counts as a task for `wakers`.",
        );
    }
    expect(&run, &left, 0, 0, 1);
    drop(registry);
}
