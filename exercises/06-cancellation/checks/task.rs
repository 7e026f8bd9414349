//! 6.7 task: a future that the loop runs, and that can be cancelled.

#[path = "task/guards.rs"]
mod guards;
#[path = "task/machine.rs"]
mod machine;
#[path = "task/world.rs"]
mod world;

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::thread;

use super::subject::{Ended, Task};
use event_loop::{Spawn, yield_now};
use guards::{AtTheEnd, DroppedEarly, Held, Named, OnDrop, Ready};
use machine::{Reference, Yours};
use probe::runs::Search;
use probe::{Recorder, What, panics, run, snapshot};
use probe_futures::{gate, poller};
use probe_loop::task_runs::{self, Destructors, TaskMachine};
use world::{HOUR, Slot, World, ended, left_as, times};

#[test]
fn a_task_runs_without_being_polled_by_its_joiner_and_has_its_output() {
    let world = World::new(run!("runs"));
    let recorder = world.recorder.clone();
    let mut task = Task::spawn(&world.spawn, async move {
        let guard = DroppedEarly(recorder.clone());
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
        Poll::Pending if world.said("task", DroppedEarly::SAYS) => world.run.diagnose(
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
        let _guard = OnDrop(Some(move || {
            let over = panics::expected(|| itself.borrow().as_ref().is_some_and(Task::is_over));
            recorder.says(
                "task",
                match over {
                    Ok(false) => "its destructors run: is_over() is false",
                    Ok(true) => "its destructors run: is_over() is true",
                    Err(_) => "its destructors run: is_over() panics",
                },
            );
        }));
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
        let _guard = AtTheEnd(recorder.clone());
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
        let _guard = AtTheEnd(recorder.clone());
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
        let _guard = AtTheEnd(recorder.clone());
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
        let _guard = OnDrop(Some(move || {
            let cancelled = panics::expected(|| itself.borrow().as_ref().map(Task::cancel));
            recorder.says(
                "task",
                match cancelled {
                    Ok(Some(true)) => "its destructors cancel it: true",
                    Ok(_) => "its destructors cancel it: false",
                    Err(_) => "its destructors cancel it: a panic",
                },
            );
        }));
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
    let task = Task::spawn(&world.spawn, Ready(OnDrop(Some(at_the_end))));
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
        let _guard = Named(recorder.clone(), "parent");
        let (inner, inside) = (Rc::clone(&spawn), recorder.clone());
        let child = Task::spawn(&spawn, async move {
            let _guard = Named(inside.clone(), "child");
            let leaf = Task::spawn(&inner, async move {
                let _guard = Named(inside, "grandchild");
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

#[test]
fn a_joiner_receives_the_panic_of_the_task() {
    let world = World::new(run!("panics"));
    let recorder = world.recorder.clone();
    let mut task: Task<u32> = Task::spawn(&world.spawn, async move {
        recorder.says("task", "panics");
        panic!("{FAILS}")
    });
    let a = world.poller("A");
    let _ = world.join(&a, &mut task);
    world.turns();
    match world.join(&a, &mut task) {
        Poll::Ready(Err(Ended::Panicked(_))) => {}
        Poll::Ready(Err(Ended::Cancelled)) => world
            .run
            .departs("The future panicked, and the joiner got `Cancelled`."),
        Poll::Ready(Ok(_)) => world
            .run
            .departs("The future panicked, and the joiner got an output."),
        Poll::Pending => world.run.diagnose(
            "panic-swallowed",
            "The future panicked, and the joiner's poll still returns `Pending`.",
        ),
    }
    if a.wakes() == 0 {
        world.run.diagnose(
            "forgot-to-wake",
            "The future panicked, and A, which joins the task, was not woken.",
        );
    }
    snapshot!(world.run);
}

#[test]
fn a_joiner_receives_the_panic_of_a_destructor_of_a_cancelled_task() {
    let world = World::new(run!());
    let (handle, recorder) = (world.sim.handle(), world.recorder.clone());
    let mut task = Task::spawn(&world.spawn, async move {
        let _guard = OnDrop(Some(move || {
            recorder.says("task", "its destructors panic");
            panic!("{FAILS}");
        }));
        handle.sleep(HOUR).await;
        7
    });
    world.turns();
    if panics::expected(|| task.cancel()).is_err() {
        world.run.diagnose(
            "destructor-panic-escapes",
            "A destructor of the task panicked, and the panic left `cancel`. The caller of `cancel` did nothing wrong, and may have other tasks to cancel.",
        );
    }
    let a = world.poller("A");
    match world.join(&a, &mut task) {
        Poll::Ready(Err(Ended::Panicked(_))) => {}
        Poll::Ready(Err(Ended::Cancelled)) => world.run.diagnose(
            "panic-swallowed",
            "A destructor of the task panicked, and the joiner got `Cancelled`, without the panic.",
        ),
        Poll::Ready(Ok(_)) => world
            .run
            .departs("The task was cancelled, and the joiner got an output."),
        Poll::Pending => world
            .run
            .departs("A destructor panicked, and the joiner got `Pending`."),
    }
}

#[test]
fn a_panic_of_a_destructor_after_the_output_is_reported_and_the_output_stays() {
    let world = World::new(run!());
    let reports = world.reports();
    let recorder = world.recorder.clone();
    let mut task = Task::spawn(
        &world.spawn,
        Ready(OnDrop(Some(move || {
            recorder.says("task", "its destructors panic");
            panic!("{FAILS}");
        }))),
    );
    world.recorder.says("task", "is ready with 7");
    world.turns();
    let a = world.poller("A");
    match world.join(&a, &mut task) {
        Poll::Ready(Ok(7)) => {}
        Poll::Ready(Err(_)) => world.run.diagnose(
            "output-thrown-away",
            "The future returned 7, and then one of its destructors panicked. The joiner did not get the 7.",
        ),
        Poll::Ready(Ok(other)) => world.run.departs(format!(
            "The future returned 7, and the joiner got {other}."
        )),
        Poll::Pending => world.run.departs(
            "The future returned 7, one of its destructors panicked, and the joiner got `Pending`.",
        ),
    }
    match reports.borrow().iter().filter(|one| one.contains(FAILS)).count() {
        0 => world.run.diagnose(
            "panic-swallowed",
            "A destructor of the task panicked after the last poll. The joiner got the output, and the panic was not reported.",
        ),
        1 => {}
        several => world
            .run
            .departs(format!("One panic was reported {several} times; expected: once.")),
    }
}

#[test]
fn a_panic_of_a_detached_task_is_reported() {
    let world = World::new(run!());
    let reports = world.reports();
    let task: Task<u32> = Task::spawn(&world.spawn, async move { panic!("{FAILS}") });
    task.detach();
    world.turns();
    match reports.borrow()[..] {
        [] => world.run.diagnose(
            "panic-swallowed",
            "A detached task panicked, and the panic was not reported.",
        ),
        [_] => {}
        ref several => world
            .run
            .departs(format!("One panic was reported {} times.", several.len())),
    }
}

#[test]
fn another_thread_can_cancel_a_task() {
    let world = World::new(run!());
    let mut task = world.sleeper();
    world.turns();
    let canceller = task.canceller();
    world.recorder.says("another thread", "calls the canceller");
    thread::spawn(move || canceller.cancel())
        .join()
        .expect("the canceller does not panic");
    world.turns();
    let polls = world.polls.get();
    world.expect_cancelled(&mut task);
    world.turns();
    let tasks = world.sim.event_loop().tasks();
    if tasks > 0 {
        world.left_behind(tasks, polls);
    }
}

#[test]
fn a_task_is_cancelled_when_its_loop_is_closed() {
    let world = World::new(run!());
    let mut task = world.sleeper();
    world.turns();
    world.recorder.says("loop", "is closed");
    world.sim.event_loop().close();
    if !world.said("task", "its destructors run") {
        world
            .run
            .departs("The loop was closed, and the task's future is still there.");
    }
    world.expect_cancelled(&mut task);
}

#[test]
fn a_joiner_may_use_the_task_inside_wake() {
    // The hook of a waker has to be `Send`, and a task is not: the hook finds it here.
    thread_local! {
        static TASK: RefCell<Option<Task<u32>>> = const { RefCell::new(None) };
        static SEEN: RefCell<Option<String>> = const { RefCell::new(None) };
    }
    let world = World::new(run!());
    let (key, gate) = gate::<u32>();
    let mut task = Task::spawn(&world.spawn, gate);
    world.turns();
    let a = world.poller("A");
    let _ = world.join(&a, &mut task);
    TASK.set(Some(task));
    a.on_wake(|| {
        let used =
            panics::expected(|| TASK.with_borrow(|task| task.as_ref().is_some_and(Task::is_over)));
        SEEN.set(Some(match used {
            Ok(true) => "has finished".to_owned(),
            Ok(false) => "has not finished".to_owned(),
            Err(panic) => panic.message,
        }));
    });
    key.open(7);
    world.turns();
    match SEEN.take().as_deref() {
        Some("has finished") => {}
        Some("has not finished") => world.run.diagnose(
            "woke-too-soon",
            "A was woken and called `is_over` from inside `wake`: it returned `false`. The task has to be finished before its joiner is woken.",
        ),
        Some(problem) => world.run.diagnose(
            "wake-under-lock",
            format!("A was woken and called `is_over` from inside `wake`. That panicked ({problem}): `wake` is called while the state is borrowed."),
        ),
        None => world.run.departs("The task has finished, and A, which joins it, was not woken."),
    }
    drop(TASK.take());
}

#[test]
fn every_short_run_is_as_expected() {
    for destructors in Destructors::ALL {
        let length = match destructors {
            Destructors::Quiet => 3,
            _ => 2,
        };
        Search::of(&task_runs::ALPHABET)
            .up_to(length)
            .and_random(20, 7, 6)
            .naming(&task_runs::KNOWN)
            .compare(
                &run!(),
                || TaskMachine::<Yours>::new(destructors),
                || TaskMachine::<Reference>::new(destructors),
            );
    }
}

/// The message of the panics here.
const FAILS: &str = "the task fails";
