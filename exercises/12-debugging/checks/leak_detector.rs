//! 12.1 leak-detector: what a test has left in its loop.

#[path = "leak_detector/judge.rs"]
mod judge;
#[path = "leak_detector/script.rs"]
mod script;

// The tests below come first, and then those of these modules, in this order.
#[path = "leak_detector/kept_wakers.rs"]
mod kept_wakers;

#[path = "leak_detector/nested.rs"]
mod nested;

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

use super::subject::watch;
use event_loop::yield_now;
use judge::{expect, miscounts, said};
use probe::{panics, run, snapshot};
use script::hour;

#[test]
fn a_task_is_still_woken_from_wherever_its_waker_is() {
    let run = run!();
    let sentence = "A task keeps a clone of its waker, and another task calls it. The woken task was not polled again.";
    let mut watched = None;
    let caught = panics::expected(|| {
        watched = Some(watch(|handle| async move {
            let registry: Rc<Cell<Vec<Waker>>> = Rc::default();
            let kept = Rc::clone(&registry);
            let mut polls = 0;
            let task = handle.spawn(poll_fn(move |context| {
                polls += 1;
                kept.set(vec![context.waker().clone()]);
                match polls {
                    3 => Poll::Ready(polls),
                    _ => Poll::Pending,
                }
            }));
            for by_value in [true, false] {
                yield_now().await;
                for waker in registry.take() {
                    match by_value {
                        true => waker.wake(),
                        false => waker.wake_by_ref(),
                    }
                }
            }
            yield_now().await;
            if !task.is_finished() {
                return 0;
            }
            task.await.unwrap()
        }));
    });
    let polls = match (caught, watched) {
        (Ok(()), Some((polls, _left))) => polls,
        (Err(panic), _) if panic.message.contains("cannot sleep") => 0,
        (Err(panic), _) => run.departs(format!("`watch` panicked: {}.", panic.message)),
        (Ok(()), None) => unreachable!("it returned"),
    };
    if polls != 3 {
        run.recorder().says("task", "waits; its waker was called");
        run.diagnose("wake-not-forwarded", sentence);
    }
}

#[test]
fn a_test_that_ends_what_it_begins_leaves_nothing() {
    let run = run!("nothing_left");
    let (output, left) = watch(|handle| async move {
        let child = handle.spawn(async {
            yield_now().await;
            40
        });
        hour(&handle).await;
        child.await.unwrap() + 2
    });
    run.recorder().says("test", format!("returns {output}"));
    if left.timers == 1 && left.tasks.is_empty() {
        miscounts(
            &run,
            &left,
            "fired-timer-counted",
            "The test slept once, and the timer has fired. It is still counted as set.",
        );
    }
    if !left.tasks.is_empty() && left.timers == 0 {
        miscounts(
            &run,
            &left,
            "completed-task-counted",
            "The test spawned one task and awaited it to its end. The task is still counted as left.",
        );
    }
    expect(&run, &left, 0, 0, 0);
    snapshot!(run);
}

#[test]
fn a_task_that_waits_when_the_test_returns_is_left() {
    let run = run!();
    let (task, left) = watch(|handle| async move {
        let task = handle.spawn(pending::<()>());
        yield_now().await;
        task.task()
    });
    expect(&run, &left, 1, 0, 0);
    if left.tasks.first().copied() != task {
        run.departs(format!(
            "The task that is left is {task:?}, and `watch` names {:?}.",
            left.tasks
        ));
    }
}

#[test]
fn a_task_that_is_ready_when_the_test_returns_is_left() {
    let run = run!();
    let has_run = Rc::new(Cell::new(false));
    let runs = Rc::clone(&has_run);
    let ((), left) =
        watch(|handle| async move { drop(handle.spawn(async move { runs.set(true) })) });
    if left.tasks.is_empty() && !has_run.get() {
        run.recorder().says("test", "spawns a task, and returns");
        run.recorder().says("left", said(&left));
        run.departs("The test spawned a task and returned. The task was not polled, and it is not counted: a task is left from its spawn on.");
    }
    if left.tasks.is_empty() {
        run.recorder().says("test", "spawns a task, and returns");
        miscounts(
            &run,
            &left,
            "runs-on-after-the-test",
            "The test spawned a task and returned. The task had not been polled at that moment, so it is left. `watch` has let the loop run on before it \
             counted.",
        );
    }
    expect(&run, &left, 1, 0, 0);
}

#[test]
fn the_waker_of_a_task_that_waits_is_no_leak() {
    let run = run!();
    let registry: Rc<Cell<Vec<Waker>>> = Rc::default();
    let kept = Rc::clone(&registry);
    let ((), left) = watch(|handle| async move {
        drop(handle.spawn(poll_fn(move |context| {
            kept.set(vec![context.waker().clone()]);
            Poll::<()>::Pending
        })));
        yield_now().await;
    });
    if left.wakers > 0 {
        miscounts(
            &run,
            &left,
            "live-waker-counted",
            "A task waits and its waker is kept, as it should be. The waker is counted as left.",
        );
    }
    expect(&run, &left, 1, 0, 0);
    drop(registry);
}

#[test]
fn a_timer_that_is_set_when_the_test_returns_is_left() {
    let run = run!();
    let ((), left) = watch(|handle| async move {
        drop(handle.clone().spawn(async move { hour(&handle).await }));
        yield_now().await;
    });
    expect(&run, &left, 1, 1, 0);
}

#[test]
fn a_task_that_has_panicked_or_was_aborted_is_not_left() {
    let run = run!();
    let ((), left) = watch(|handle| async move {
        let panics = handle.spawn(async { panic!("expected") });
        panics::expected(|| ()).unwrap();
        let waits = handle.spawn(pending::<()>());
        let sleeps = handle.clone().spawn(async move { hour(&handle).await });
        assert!(panics.await.is_err());
        for task in [waits, sleeps] {
            task.abort();
        }
    });
    let (tasks, timers) = (left.tasks.len(), left.timers);
    if tasks > 0 && timers == 0 {
        miscounts(
            &run,
            &left,
            "completed-task-counted",
            format!(
                "One task has panicked, and two were aborted. {tasks} of the three are still counted as left."
            ),
        );
    }
    if timers > 0 {
        miscounts(
            &run,
            &left,
            "removed-timer-counted",
            "A task that slept was aborted, and its timer was removed with it. The timer is still counted as set.",
        );
    }
    expect(&run, &left, 0, 0, 0);
}

#[test]
fn tasks_are_named_in_the_order_in_which_they_were_spawned() {
    let run = run!();
    let (mut spawned, left) = watch(|handle| async move {
        let tasks: Vec<_> = (0..40).map(|_| handle.spawn(pending::<()>())).collect();
        // The slots of these are used again.
        for task in tasks.iter().step_by(3) {
            task.abort();
        }
        let more: Vec<_> = (0..20).map(|_| handle.spawn(pending::<()>())).collect();
        let left = tasks.iter().enumerate().filter(|(place, _)| place % 3 != 0);
        let left: Vec<_> = left.map(|(_, task)| task.task()).collect();
        let more = more.iter().map(|task| task.task());
        left.into_iter().chain(more).flatten().collect::<Vec<_>>()
    });
    spawned.sort_by_key(|task| task.number());
    if left.tasks != spawned {
        run.diagnose(
            "left-not-in-order",
            "60 tasks were spawned and 14 aborted. Those that are left are not named oldest first. A slot is used again, so its number says nothing \
             about age.",
        );
    }
}
