//! What a destructor of the task sees, what a cancelled task cancels in turn, and what is left of it.

use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::super::subject::Task;
use super::guards::{Ready, guard};
use super::world::{HOUR, Slot, World, ended};
use probe::detect::OnDrop;
use probe::{panics, run, snapshot};

#[test]
fn a_joiner_that_polls_again_after_the_result_panics() {
    let world = World::new(run!());
    let mut task = Task::spawn(&world.spawn, async { 7 });
    world.turns();
    let a = world.poller("A");
    if world.join(&a, &mut task).is_pending() {
        world
            .run
            .departs("The future returned 7, and the joiner got `Pending`.");
    }
    let call = world.recorder.enters("task", "polled by A once more");
    match panics::expected(|| a.poll(Pin::new(&mut task))) {
        Err(_) => call.returns("a panic"),
        Ok(Poll::Pending) => {
            call.returns("pending");
            world.run.diagnose(
                "pending-after-ready",
                "A got the output and polled the task once more, by mistake. The poll returned `Pending`, and no wake will follow. The contract asks for a panic.",
            );
        }
        Ok(Poll::Ready(end)) => {
            call.returns(ended(&end));
            world.run.departs(format!(
                "A got the output and polled the task once more, by mistake. The poll returned: {}. The contract asks for a panic.",
                ended(&end)
            ));
        }
    }
}

#[test]
fn cancel_returns_false_inside_the_destructors_of_a_cancelled_task() {
    let world = World::new(run!());
    let own: Slot = Rc::default();
    let (itself, recorder, handle) = (Rc::clone(&own), world.recorder.clone(), world.sim.handle());
    let task = Task::spawn(&world.spawn, async move {
        let _guard = OnDrop::new(move || {
            let cancelled = panics::expected(|| itself.borrow().as_ref().map(Task::cancel));
            recorder.says(
                "task",
                match cancelled {
                    Ok(Some(true)) => "its destructors cancel it: true",
                    Ok(_) => "its destructors cancel it: false",
                    Err(_) => "its destructors cancel it: a panic",
                },
            );
        });
        handle.sleep(HOUR).await;
        7
    });
    own.replace(Some(task));
    world.turns();
    let cancelled = panics::expected(|| own.borrow().as_ref().map(Task::cancel));
    world.turns();
    if cancelled.is_err() || world.said("task", "its destructors cancel it: a panic") {
        world.borrowed_when_dropped();
    }
    if world.said("task", "its destructors cancel it: true") {
        world.run.diagnose(
            "cancel-twice",
            "The task was cancelled, its destructors called `cancel` again, and that returned `true`.",
        );
    }
    let mut task = own.take().expect("it was put there");
    world.expect_cancelled(&mut task);
}

#[test]
fn cancel_returns_false_inside_the_destructors_of_a_task_that_was_ready() {
    let world = World::new(run!());
    let own: Slot = Rc::default();
    let (itself, recorder) = (Rc::clone(&own), world.recorder.clone());
    let at_the_end = move || {
        let cancelled = panics::expected(|| itself.borrow().as_ref().map(Task::cancel));
        recorder.says(
            "task",
            match cancelled {
                Ok(Some(true)) => "is dropped after its last poll, and cancels itself: true",
                Ok(_) => "is dropped after its last poll, and cancels itself: false",
                Err(_) => "is dropped after its last poll, and cancels itself: a panic",
            },
        );
    };
    let task = Task::spawn(&world.spawn, Ready(OnDrop::new(at_the_end)));
    own.replace(Some(task));
    world.recorder.says("task", "is ready with 7");
    world.turns();
    if world.said(
        "task",
        "is dropped after its last poll, and cancels itself: a panic",
    ) {
        world.borrowed_when_dropped();
    }
    if world.said(
        "task",
        "is dropped after its last poll, and cancels itself: true",
    ) {
        world.run.diagnose(
            "cancel-twice",
            "The poll returned `Ready`, the destructors of the future called `cancel`, and that returned `true`. From the end of the last poll on it is too late.",
        );
    }
    let mut task = own.take().expect("it was put there");
    let a = world.poller("A");
    match world.join(&a, &mut task) {
        Poll::Ready(Ok(7)) => {}
        Poll::Ready(end) => world.run.departs(format!(
            "The future returned 7, and the joiner got: {}.",
            ended(&end)
        )),
        Poll::Pending => world
            .run
            .departs("The future returned 7, and the joiner got `Pending`."),
    }
}

#[test]
fn a_task_that_awaits_a_task_cancels_it_when_it_is_cancelled() {
    let world = World::new(run!("three_deep"));
    let (spawn, handle, recorder) = (
        Rc::clone(&world.spawn),
        world.sim.handle(),
        world.recorder.clone(),
    );
    let mut task = Task::spawn(&world.spawn, async move {
        let _guard = guard(&recorder, "parent");
        let (inner, inside) = (Rc::clone(&spawn), recorder.clone());
        let child = Task::spawn(&spawn, async move {
            let _guard = guard(&inside, "child");
            let leaf = Task::spawn(&inner, async move {
                let _guard = guard(&inside, "grandchild");
                handle.sleep(HOUR).await;
                7
            });
            leaf.await.unwrap_or(0)
        });
        child.await.unwrap_or(0)
    });
    world.turns();
    let polls = world.polls.get();
    world.cancel(&task, true);
    world.expect_cancelled(&mut task);
    world.turns();
    let (tasks, timers) = (
        world.sim.event_loop().tasks(),
        world.sim.event_loop().timers(),
    );
    if timers > 0 {
        world
            .run
            .departs("The parent was cancelled, and the grandchild's timer is still set.");
    }
    if tasks > 0 {
        world.left_behind(tasks, polls);
    }
    snapshot!(world.run);
}

#[test]
fn the_loop_keeps_nothing_of_a_cancelled_task() {
    let world = World::new(run!());
    let mut task = world.sleeper();
    world.turns();
    let polls = world.polls.get();
    world.cancel(&task, true);
    world.expect_cancelled(&mut task);
    world.turns();
    let tasks = world.sim.event_loop().tasks();
    if tasks > 0 {
        world.left_behind(tasks, polls);
    }
}
