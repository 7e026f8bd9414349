//! 12.1 leak-detector: what a test has left in its loop.

#[path = "leak_detector/script.rs"]
mod script;

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use super::subject::{Left, watch};
use event_loop::{Handle, yield_now};
use probe::detect::DropCounter;
use probe::{Run, panics, run, snapshot};
use script::{compare_every_script, hour, wakers_of_completed_task};

/// What a test should have left, and what was said.
fn expect(run: &Run, left: &Left, tasks: usize, timers: usize, wakers: usize) {
    run.recorder().says("left", said(left));
    let seen = [left.tasks.len(), left.timers, left.wakers];
    let expected = [tasks, timers, wakers];
    if seen == expected {
        return;
    }
    if seen == [0; 3] && counts_late() {
        run.diagnose(
            "leak-counted-late",
            format!(
                "This is left: {}. `watch` says that nothing is. The loop drops what it has when it is dropped: what is counted then is gone.",
                script::in_words(expected)
            ),
        );
    }
    run.departs(format!(
        "`watch` says that this is left: {}. Expected: {}.",
        script::in_words(seen),
        script::in_words(expected)
    ));
}

/// Whether `watch` counts when the tasks that are left were dropped already. A task of this test keeps one waker, and clones it when it is
/// dropped: as many are there only after that.
fn counts_late() -> bool {
    const CLONES: usize = 4;
    struct ClonesAtItsEnd(Rc<Cell<Vec<Waker>>>, Option<Waker>);
    impl ClonesAtItsEnd {
        fn keep(&mut self, waker: &Waker) {
            self.1 = Some(waker.clone());
        }
    }
    impl Drop for ClonesAtItsEnd {
        fn drop(&mut self) {
            if let Some(waker) = &self.1 {
                self.0.set(vec![waker.clone(); CLONES]);
            }
        }
    }
    let registry: Rc<Cell<Vec<Waker>>> = Rc::default();
    let mut clones = ClonesAtItsEnd(Rc::clone(&registry), None);
    let ((), left) = watch(|handle| async move {
        drop(handle.spawn(poll_fn(move |context| {
            clones.keep(context.waker());
            Poll::<()>::Pending
        })));
        yield_now().await;
    });
    left.wakers >= CLONES
}

fn said(left: &Left) -> String {
    script::in_words([left.tasks.len(), left.timers, left.wakers])
}

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
        run.recorder().says("left", said(&left));
        run.diagnose(
            "fired-timer-counted",
            "The test slept once, and the timer has fired. It is still counted as set.",
        );
    }
    if !left.tasks.is_empty() && left.timers == 0 {
        run.recorder().says("left", said(&left));
        run.diagnose(
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
        run.recorder().says("left", said(&left));
        run.diagnose(
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
        run.recorder().says("left", said(&left));
        run.diagnose(
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
        run.recorder().says("left", said(&left));
        run.diagnose(
            "completed-task-counted",
            format!(
                "One task has panicked, and two were aborted. {tasks} of the three are still counted as left."
            ),
        );
    }
    if timers > 0 {
        run.recorder().says("left", said(&left));
        run.diagnose(
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
        run.recorder().says("left", said(&left));
        run.diagnose(
            "kept-waker-missed",
            "A registry keeps three clones of the waker of a task that has completed, and `watch` counts none.",
        );
    }
    if left.wakers == 1 {
        run.recorder().says("left", said(&left));
        run.diagnose(
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
        run.recorder().says("left", said(&left));
        run.diagnose(
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
        run.recorder().says("left", said(&left));
        run.diagnose(
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
        run.recorder().says("left", said(&left));
        run.diagnose(
            "own-waker-missed",
            "A registry keeps a waker of the test's own future, which has completed. `watch` counts none: that future counts as a task for `wakers`.",
        );
    }
    expect(&run, &left, 0, 0, 1);
    drop(registry);
}

#[test]
fn a_panic_of_the_test_passes_through_and_the_next_test_begins_anew() {
    let run = run!();
    let panicked = panics::expected(|| {
        let ((), _left) = watch(|handle| async move {
            drop(handle.spawn(pending::<()>()));
            panic!("the test fails");
        });
    });
    match panicked {
        Err(panic) if panic.message == "the test fails" => {}
        Err(panic) => run.departs(format!(
            "The test panicked, and another panic came out: {}.",
            panic.message
        )),
        Ok(()) => run.departs("The test panicked, and `watch` returned."),
    }
    let ((), left) = watch(|_| async {});
    expect(&run, &left, 0, 0, 0);
}

#[test]
fn a_test_may_watch_another_one() {
    let run = run!();
    let (inner, left) = watch(|handle: Handle| async move {
        drop(handle.spawn(pending::<()>()));
        let ((), inner) = watch(|_| async {});
        inner
    });
    expect(&run, &inner, 0, 0, 0);
    expect(&run, &left, 1, 0, 0);
}

#[test]
fn a_hundred_thousand_tasks_and_timers_are_counted() {
    let run = run!();
    let ((), left) = watch(|handle| async move {
        for _ in 0..30_000 {
            drop(handle.clone().spawn(handle.sleep(Duration::from_secs(1))));
            handle.spawn(async {}).await.unwrap();
        }
        drop(handle.clone().spawn(async move { hour(&handle).await }));
        yield_now().await;
    });
    expect(&run, &left, 30_001, 30_001, 0);
}

#[test]
fn after_every_short_script_the_same_is_left_as_with_the_reference() {
    compare_every_script(|test| {
        let ((), left) = watch(test);
        let tasks = left.tasks.iter().map(|task| task.number()).collect();
        (tasks, left.timers, left.wakers)
    });
}
