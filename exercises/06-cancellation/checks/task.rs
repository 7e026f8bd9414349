//! 6.7 task: a future that the loop runs, and that can be cancelled.

#[path = "task/guards.rs"]
mod guards;
#[path = "task/machine.rs"]
mod machine;
#[path = "task/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "task/in_its_poll.rs"]
mod in_its_poll;

#[path = "task/destructors.rs"]
mod destructors;

#[path = "task/failures.rs"]
mod failures;

#[path = "task/elsewhere.rs"]
mod elsewhere;

use std::rc::Rc;
use std::task::Poll;

use super::subject::Task;
use event_loop::yield_now;
use guards::{DROPPED_EARLY, dropped_early};
use probe::detect::OnDrop;
use probe::{What, panics, run, snapshot};
use probe_futures::gate;
use world::{HOUR, Slot, World, ended, left_as, times};

#[test]
fn a_task_runs_without_being_polled_by_its_joiner_and_has_its_output() {
    let world = World::new(run!("runs"));
    let recorder = world.recorder.clone();
    let mut task = Task::spawn(&world.spawn, async move {
        let guard = dropped_early(&recorder);
        recorder.says("task", "begins");
        yield_now().await;
        recorder.says("task", "ends");
        std::mem::forget(guard);
        7
    });
    world.turns();
    let a = world.poller("A");
    match world.join(&a, &mut task) {
        Poll::Ready(Ok(7)) => {}
        Poll::Ready(end) => world.run.departs(format!(
            "The future returned 7, and the joiner got: {}.",
            ended(&end)
        )),
        Poll::Pending if world.said("task", DROPPED_EARLY) => world.run.diagnose(
            "lost-on-pending",
            "The future returned `Pending` in its first poll, and was dropped after it. It had woken itself, and the task was not cancelled: a suspended future has to be kept.",
        ),
        Poll::Pending if world.said("task", "ends") => world.not_over_after_its_end(&task),
        Poll::Pending => world.run.departs(format!(
            "The future had woken itself and did not run to its end. The loop polled its part of the task {}.",
            times(world.polls.get())
        )),
    }
    snapshot!(world.run);
}

#[test]
fn the_latest_joiner_is_woken_when_the_task_has_finished() {
    let world = World::new(run!("woken"));
    let (key, gate) = gate::<u32>();
    let mut task = Task::spawn(&world.spawn, gate);
    world.turns();
    let [a, b] = ["A", "B"].map(|name| world.poller(name));
    for who in [&a, &b] {
        if world.join(who, &mut task).is_ready() {
            world.run.diagnose(
                "ready-too-early",
                "The future is suspended, and the joiner's poll returned `Ready`.",
            );
        }
    }
    world.recorder.says("event", "happens");
    key.open(7);
    world.turns();
    if b.wakes() == 0 {
        if a.wakes() > 0 {
            world.run.diagnose(
                "first-waker-only",
                "A polled the task first, and B polled it last. The task woke A and not B; B is its joiner now.",
            );
        }
        world.run.diagnose(
            "forgot-to-wake",
            "The future returned `Ready`, and B, which joins the task, was not woken.",
        );
    }
    if !matches!(world.join(&b, &mut task), Poll::Ready(Ok(7))) {
        world
            .run
            .departs("B was woken, and its poll did not return the output.");
    }
    snapshot!(world.run);
}

#[test]
fn a_task_that_is_cancelled_before_its_first_poll_is_never_polled() {
    let world = World::new(run!());
    let mut task = world.sleeper();
    world.cancel(&task, true);
    let at_once = (left_as(&task), world.recorder.last_event());
    world.turns();
    if world.said("task", "begins") {
        world.run.diagnose(
            "polled-after-cancel",
            "The task was cancelled before its first poll, and then its future was polled.",
        );
    }
    if !task.is_over() {
        world.not_over_after_cancel(&task, at_once);
    }
    world.expect_cancelled(&mut task);
}

#[test]
fn a_suspended_task_that_is_cancelled_is_dropped_before_cancel_returns() {
    let world = World::new(run!("suspended"));
    let mut task = world.sleeper();
    world.turns();
    world.cancel(&task, true);
    if !world.said("task", "its destructors run") {
        world.turns();
        if world.said("task", "its destructors run") {
            world.run.diagnose(
                "dropped-late",
                "The task was suspended, and its future was still there when `cancel` returned. It was dropped in a later iteration. The caller of `cancel` relies on the timer, the socket and the lock of the task being released.",
            );
        }
        world
            .run
            .departs("The task was cancelled, and its future was not dropped.");
    }
    world.expect_cancelled(&mut task);
    snapshot!(world.run);
}

#[test]
fn a_task_that_is_cancelled_is_not_polled_again() {
    let world = World::new(run!());
    let (key, gate) = gate::<()>();
    let recorder = world.recorder.clone();
    let mut task = Task::spawn(&world.spawn, async move {
        gate.await;
        recorder.says("task", "goes on");
        7
    });
    world.turns();
    world
        .recorder
        .says("event", "happens: the task is in the ready queue");
    key.open(());
    world.cancel(&task, true);
    world.turns();
    if world.said("task", "goes on") {
        world.run.diagnose(
            "polled-after-cancel",
            "The task was cancelled, and then its future was polled.",
        );
    }
    world.expect_cancelled(&mut task);
}

#[test]
fn a_joiner_is_woken_only_after_the_destructors_have_run() {
    let world = World::new(run!("learns"));
    let mut task = world.sleeper();
    world.turns();
    let a = world.poller("A");
    let _ = world.join(&a, &mut task);
    world.cancel(&task, true);
    world.turns();
    let events = world.recorder.recording().events;
    let woken = events
        .iter()
        .position(|event| event.track == "A" && event.what == What::Woken);
    let gone = events
        .iter()
        .position(|event| event.what == What::Says("its destructors run".to_owned()));
    if woken.is_none() {
        world.run.diagnose(
            "forgot-to-wake",
            "The task was cancelled, and A, which joins it, was not woken.",
        );
    }
    if woken < gone {
        world.run.diagnose_at(
            woken,
            "woke-before-drop",
            "A was woken first, and then the destructors of the task ran. A may run at once, and use what the task has not released yet: its file or its lock.",
        );
    }
    world.expect_cancelled(&mut task);
    snapshot!(world.run);
}

#[test]
fn a_task_has_not_finished_while_its_destructors_run() {
    let world = World::new(run!());
    let own: Slot = Rc::default();
    let (itself, recorder, handle) = (Rc::clone(&own), world.recorder.clone(), world.sim.handle());
    let task = Task::spawn(&world.spawn, async move {
        let _guard = OnDrop::new(move || {
            let over = panics::expected(|| itself.borrow().as_ref().is_some_and(Task::is_over));
            recorder.says(
                "task",
                match over {
                    Ok(false) => "its destructors run: is_over() is false",
                    Ok(true) => "its destructors run: is_over() is true",
                    Err(_) => "its destructors run: is_over() panics",
                },
            );
        });
        handle.sleep(HOUR).await;
        7
    });
    own.replace(Some(task));
    world.turns();
    own.borrow().as_ref().map(Task::cancel);
    world.turns();
    if world.said("task", "its destructors run: is_over() panics") {
        world.borrowed_when_dropped();
    }
    if world.said("task", "its destructors run: is_over() is true") {
        world.run.diagnose(
            "woke-before-drop",
            "`is_over` returned `true` while the destructors of the task still ran.",
        );
    }
}

#[test]
fn a_second_cancel_returns_false() {
    let world = World::new(run!());
    let mut task = world.sleeper();
    world.turns();
    world.cancel(&task, true);
    if world.cancels(&task) {
        world.run.diagnose(
            "cancel-twice",
            "The task was cancelled, and a second `cancel` returned `true` although it changed nothing.",
        );
    }
    world.expect_cancelled(&mut task);
    if world.cancels(&task) {
        world.run.diagnose(
            "cancel-twice",
            "The joiner has the result of the task, and `cancel` returned `true`.",
        );
    }
}
