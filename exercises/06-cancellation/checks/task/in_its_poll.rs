//! A task that has finished, and one that is cancelled from inside its own poll.

use std::rc::Rc;
use std::task::Poll;

use super::super::subject::{Ended, Task};
use super::guards::{Held, guard};
use super::world::{Slot, World, ended};
use event_loop::{Spawn, yield_now};
use probe::{Recorder, What, panics, run, snapshot};
use probe_futures::poller;

#[test]
fn cancelling_a_finished_task_leaves_its_output() {
    let world = World::new(run!());
    let mut task = Task::spawn(&world.spawn, async { 7 });
    world.turns();
    world.recorder.says("task", "has finished");
    if world.cancels(&task) {
        world.run.diagnose(
            "cancel-twice",
            "The task had finished, and `cancel` returned `true`.",
        );
    }
    let a = world.poller("A");
    match world.join(&a, &mut task) {
        Poll::Ready(Ok(7)) => {}
        Poll::Ready(end) => world.run.diagnose(
            "cancelled-after-the-end",
            format!(
                "The task had finished with 7 and was then cancelled. The joiner got: {}.",
                ended(&end)
            ),
        ),
        Poll::Pending => world
            .run
            .departs("The task had finished, and after `cancel` the joiner got `Pending`."),
    }
}

#[test]
fn a_task_that_is_cancelled_in_its_own_poll_is_dropped_after_that_poll() {
    let world = World::new(run!("running"));
    let own: Slot = Rc::default();
    let (itself, recorder) = (Rc::clone(&own), world.recorder.clone());
    let task = Task::spawn(&world.spawn, async move {
        let _guard = guard(&recorder, "task");
        yield_now().await;
        let cancelled = panics::expected(|| itself.borrow().as_ref().map(Task::cancel));
        recorder.says(
            "task",
            match cancelled {
                Ok(Some(true)) => "cancels itself: true",
                Ok(_) => "cancels itself: false",
                Err(_) => "cancels itself: a panic",
            },
        );
        yield_now().await;
        recorder.says("task", "goes on");
        7
    });
    own.replace(Some(task));
    world.turns();
    if world.said("task", "cancels itself: a panic") {
        world.run.diagnose(
            "borrowed-across-poll",
            "The task cancelled itself while it was being polled, and that panicked: a borrow is held during the poll. A poll is caller-supplied code and may call `cancel`.",
        );
    }
    let event = |text: &str| {
        let events = world.recorder.recording().events;
        events
            .iter()
            .position(|event| event.what == What::Says(text.to_owned()))
    };
    if let (Some(_), Some(refused)) = (event("goes on"), event("cancels itself: false")) {
        world.run.diagnose_at(
            Some(refused),
            "cancel-swallowed",
            "The task was cancelled while it was being polled, `cancel` returned `false`, and the task was polled again. It is not too late: the poll has not returned yet.",
        );
    }
    if let Some(goes_on) = event("goes on") {
        world.run.diagnose_at(
            Some(goes_on),
            "cancel-swallowed",
            "The task was cancelled while it was being polled, and it was polled again. It cannot be dropped in the middle of the poll, but after it.",
        );
    }
    let mut task = own.take().expect("it was put there");
    world.expect_cancelled(&mut task);
    if world.said("task", "cancels itself: false") {
        world.run.departs(
            "The task was cancelled while it was being polled, and `cancel` returned `false`.",
        );
    }
    snapshot!(world.run);
}

#[test]
fn the_second_cancel_in_the_same_poll_returns_false() {
    let world = World::new(run!());
    let own: Slot = Rc::default();
    let (itself, recorder) = (Rc::clone(&own), world.recorder.clone());
    let task = Task::spawn(&world.spawn, async move {
        let _guard = guard(&recorder, "task");
        yield_now().await;
        let mut said = Vec::new();
        for _ in 0..2 {
            said.push(itself.borrow().as_ref().is_some_and(Task::cancel));
        }
        recorder.says(
            "task",
            format!("cancels itself twice: {} and {}", said[0], said[1]),
        );
        yield_now().await;
        recorder.says("task", "goes on");
        7
    });
    own.replace(Some(task));
    world.turns();
    if world.said("task", "cancels itself twice: true and true") {
        world.run.diagnose(
            "cancel-twice",
            "The task was cancelled twice while it was being polled, and `cancel` returned `true` both times.",
        );
    }
    if world.said("task", "goes on") {
        world.run.diagnose(
            "cancel-swallowed",
            "The task was cancelled twice while it was being polled, and it was polled again.",
        );
    }
    let mut task = own.take().expect("it was put there");
    world.expect_cancelled(&mut task);
}

#[test]
fn a_task_that_cancels_itself_is_dropped_when_that_poll_has_returned() {
    let run = run!();
    let held: Rc<Held> = Rc::default();
    let spawn: Rc<dyn Spawn> = Rc::<Held>::clone(&held);
    let own: Slot = Rc::default();
    let (itself, recorder) = (Rc::clone(&own), run.recorder().clone());
    let task = Task::spawn(&spawn, async move {
        let _guard = guard(&recorder, "task");
        let said = itself.borrow().as_ref().is_some_and(Task::cancel);
        recorder.says("task", format!("cancels itself: {said}"));
        std::future::pending().await
    });
    own.replace(Some(task));
    let part = held.0.take();
    let mut part = part.expect("`Task::spawn` has the loop run its part");
    let is_ready = poller(&Recorder::new(), "loop")
        .poll(part.as_mut())
        .is_ready();
    run.recorder().says(
        "loop",
        format!(
            "the poll has returned {}",
            if is_ready { "Ready" } else { "Pending" }
        ),
    );
    if !own.borrow().as_ref().is_some_and(Task::is_over) {
        run.diagnose(
            "dropped-late",
            "The task cancelled itself and its future returned `Pending`. When the loop's poll had returned, the task had not finished. Its \
             future is dropped after that poll, and not in a later one.",
        );
    }
    if !is_ready {
        run.diagnose(
            "task-left-behind",
            "The task cancelled itself, and has finished. The loop's poll of its part returned `Pending`: the loop keeps that part.",
        );
    }
}

#[test]
fn a_task_that_is_cancelled_in_the_poll_that_returns_ready_has_its_output() {
    let world = World::new(run!());
    let own: Slot = Rc::default();
    let (itself, recorder) = (Rc::clone(&own), world.recorder.clone());
    let task = Task::spawn(&world.spawn, async move {
        yield_now().await;
        recorder.says("task", "cancels itself, and is ready");
        itself.borrow().as_ref().map(Task::cancel);
        7
    });
    own.replace(Some(task));
    world.turns();
    let mut task = own.take().expect("it was put there");
    let a = world.poller("A");
    match world.join(&a, &mut task) {
        Poll::Ready(Ok(7)) => {}
        Poll::Ready(Err(Ended::Cancelled)) => world.run.diagnose(
            "output-thrown-away",
            "The task returned 7 in the poll in which it was cancelled, but the joiner got `Cancelled`. Check for a finished output before you report the cancellation.",
        ),
        Poll::Ready(end) => world.run.departs(format!("The last poll returned 7, and the joiner got: {}.", ended(&end))),
        Poll::Pending => world.run.departs("The last poll returned 7, and the joiner got `Pending`."),
    }
}
