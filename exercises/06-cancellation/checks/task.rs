//! 6.7 task: a future that runs by itself, and may be cancelled.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use super::subject::{Ended, Task};
use event_loop::{BoxedTask, Handle, Spawn, yield_now};
use probe::runs::Search;
use probe::{Recorder, Run, What, panics, run, snapshot};
use probe_futures::{Poller, gate, poller};
use probe_loop::SimLoop;
use probe_loop::task_runs::{self, AnyTask, Destructors, End, Scripted, TaskMachine, Value};

const HOUR: Duration = Duration::from_secs(3600);

/// More turns than anything here takes.
const TURNS: usize = 10;

struct World {
    run: Run,
    sim: SimLoop,
    spawn: Rc<dyn Spawn>,
    /// How often the loop has polled what it was given.
    polls: Rc<Cell<usize>>,
    recorder: Recorder,
}

type Slot = Rc<RefCell<Option<Task<u32>>>>;

#[test]
fn a_task_runs_by_itself_and_hands_out_its_output() {
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
            "The future was ready with 7, and the task ended with: {}.",
            ended(&end)
        )),
        Poll::Pending if world.said("task", DroppedEarly::SAYS) => world.run.diagnose(
            "lost-on-pending",
            "The future was polled once, was pending, and had woken itself; then it was dropped, and nobody has cancelled. What is pending goes on \
             later, so it has to be kept.",
        ),
        Poll::Pending if world.said("task", "ends") => world.not_over_after_its_end(&task),
        Poll::Pending => world.run.departs(format!(
            "The future never came to its end, although it had woken itself. The loop has polled its part of the task {}.",
            times(world.polls.get())
        )),
    }
    snapshot!(world.run);
}

#[test]
fn who_waits_is_woken_when_it_is_over() {
    let world = World::new(run!("woken"));
    let (key, gate) = gate::<u32>();
    let mut task = Task::spawn(&world.spawn, gate);
    world.turns();
    let [a, b] = ["A", "B"].map(|name| world.poller(name));
    for who in [&a, &b] {
        if world.join(who, &mut task).is_ready() {
            world.run.diagnose(
                "ready-too-early",
                "The future is not ready, and the task is over.",
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
                "A polled the task first, and B polled it last. The wake went to A; B is the one who waits now.",
            );
        }
        world.run.diagnose(
            "forgot-to-wake",
            "The future is ready, B waits for the task, and was not woken: nobody will poll again.",
        );
    }
    if !matches!(world.join(&b, &mut task), Poll::Ready(Ok(7))) {
        world
            .run
            .departs("B was woken, and the task does not have its output.");
    }
    snapshot!(world.run);
}

#[test]
fn cancelled_before_its_first_poll_it_is_never_polled() {
    let world = World::new(run!());
    let mut task = world.sleeper();
    world.cancel(&task, true);
    let at_once = (left_as(&task), world.recorder.last_event());
    world.turns();
    if world.said("task", "begins") {
        world.run.diagnose(
            "polled-after-cancel",
            "The task was cancelled before it had begun, and then it was polled: it has begun all the same.",
        );
    }
    if !task.is_over() {
        world.not_over_after_cancel(&task, at_once);
    }
    world.expect_cancelled(&mut task);
}

#[test]
fn cancelled_where_it_is_suspended_it_is_dropped_there() {
    let world = World::new(run!("suspended"));
    let mut task = world.sleeper();
    world.turns();
    world.cancel(&task, true);
    if !world.said("task", "its destructors run") {
        world.turns();
        if world.said("task", "its destructors run") {
            world.run.diagnose(
                "dropped-late",
                "The task was suspended when it was cancelled, and `cancel` returned with the future still there; it was dropped in a later turn. \
                 Whoever cancels relies on it that nothing of the task is left: no timer, no socket, no lock.",
            );
        }
        world
            .run
            .departs("The task was cancelled, and its future was never dropped.");
    }
    world.expect_cancelled(&mut task);
    snapshot!(world.run);
}

#[test]
fn a_task_that_is_cancelled_goes_on_no_more() {
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
        .says("event", "happens: the task is in the queue");
    key.open(());
    world.cancel(&task, true);
    world.turns();
    if world.said("task", "goes on") {
        world.run.diagnose(
            "polled-after-cancel",
            "The task was cancelled, and after that it was polled and went on.",
        );
    }
    world.expect_cancelled(&mut task);
}

#[test]
fn who_waits_learns_of_it_when_the_destructors_have_run() {
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
            "The task was cancelled, and A, who waits for it, was not woken.",
        );
    }
    if woken < gone {
        world.run.diagnose_at(
            woken,
            "woke-before-drop",
            "A was told that the task is over, and after that its destructors ran. A may begin at once with what the task has not given back \
             yet: its file, its lock, its place.",
        );
    }
    world.expect_cancelled(&mut task);
    snapshot!(world.run);
}

#[test]
fn it_is_not_over_while_its_destructors_run() {
    let world = World::new(run!());
    let own: Slot = Rc::default();
    let (itself, recorder, handle) = (Rc::clone(&own), world.recorder.clone(), world.sim.handle());
    let task = Task::spawn(&world.spawn, async move {
        let _guard = OnDrop(Some(move || {
            let over = panics::expected(|| itself.borrow().as_ref().is_some_and(Task::is_over));
            recorder.says(
                "task",
                match over {
                    Ok(false) => "its destructors run: it is not over",
                    Ok(true) => "its destructors run: it is over",
                    Err(_) => "its destructors run: and cannot even ask",
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
    if world.said("task", "its destructors run: and cannot even ask") {
        world.borrowed_when_dropped();
    }
    if world.said("task", "its destructors run: it is over") {
        world.run.diagnose(
            "woke-before-drop",
            "The task says that it is over while its destructors still run.",
        );
    }
}

#[test]
fn the_second_time_it_is_too_late() {
    let world = World::new(run!());
    let mut task = world.sleeper();
    world.turns();
    world.cancel(&task, true);
    if world.cancels(&task) {
        world.run.diagnose(
            "cancel-twice",
            "The task was cancelled, and the second `cancel` says that it has done something. Whoever counts on it does their part twice.",
        );
    }
    world.expect_cancelled(&mut task);
    if world.cancels(&task) {
        world.run.diagnose(
            "cancel-twice",
            "Somebody knows that the task is over, and `cancel` says that it has done something.",
        );
    }
}

#[test]
fn after_its_end_it_keeps_its_output() {
    let world = World::new(run!());
    let mut task = Task::spawn(&world.spawn, async { 7 });
    world.turns();
    world.recorder.says("task", "is over");
    if world.cancels(&task) {
        world.run.diagnose(
            "cancel-twice",
            "The task was over, and `cancel` says that it has done something.",
        );
    }
    let a = world.poller("A");
    match world.join(&a, &mut task) {
        Poll::Ready(Ok(7)) => {}
        Poll::Ready(end) => world.run.diagnose(
            "cancelled-after-the-end",
            format!(
                "The task was over, with 7, and then somebody cancelled. Who waits gets: {}.",
                ended(&end)
            ),
        ),
        Poll::Pending => world.run.departs("The task was over, and is not any more."),
    }
}

#[test]
fn cancelled_while_it_is_polled_it_is_dropped_after_that_poll() {
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
            "The task cancelled itself while it was being polled, and that panicked: something is borrowed for as long as the poll lasts. A poll is \
             somebody else's code, and may come back in.",
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
            "The task was cancelled while it was being polled, `cancel` said that it is too late, and the task went on. It is not too late: the \
             poll has not returned yet. At that moment it cannot be dropped; but somebody can remember.",
        );
    }
    if let Some(goes_on) = event("goes on") {
        world.run.diagnose_at(
            Some(goes_on),
            "cancel-swallowed",
            "The task was cancelled while it was being polled, and then it went on. At that moment it cannot be dropped; but when the poll has \
             returned, somebody has to remember.",
        );
    }
    let mut task = own.take().expect("it was put there");
    world.expect_cancelled(&mut task);
    if world.said("task", "cancels itself: false") {
        world.run.departs("The task was cancelled while it was being polled, and `cancel` said that it was too late.");
    }
    snapshot!(world.run);
}

#[test]
fn cancelled_twice_while_it_is_polled_it_is_cancelled_once() {
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
            "The task was cancelled twice while it was being polled, and both times `cancel` said that it has done something.",
        );
    }
    if world.said("task", "goes on") {
        world.run.diagnose(
            "cancel-swallowed",
            "The second cancellation has undone the first: the task went on.",
        );
    }
    let mut task = own.take().expect("it was put there");
    world.expect_cancelled(&mut task);
}

#[test]
fn if_that_poll_is_ready_it_has_its_output() {
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
            "The task was cancelled during its last poll. That poll was ready with 7, and the 7 was thrown away: the work was done, and who waits is \
             told that it was not.",
        ),
        Poll::Ready(end) => world.run.departs(format!("The last poll was ready with 7, and the task ended with: {}.", ended(&end))),
        Poll::Pending => world.run.departs("The last poll was ready with 7, and the task is not over."),
    }
}

#[test]
fn asked_again_after_it_was_ready_it_panics() {
    let world = World::new(run!());
    let mut task = Task::spawn(&world.spawn, async { 7 });
    world.turns();
    let a = world.poller("A");
    if world.join(&a, &mut task).is_pending() {
        world
            .run
            .departs("The future was ready with 7, and the task is not over.");
    }
    let call = world.recorder.enters("task", "awaited by A once more");
    match panics::expected(|| a.poll(Pin::new(&mut task))) {
        Err(_) => call.returns("a panic"),
        Ok(Poll::Pending) => {
            call.returns("pending");
            world.run.diagnose(
                "pending-after-ready",
                "A has got the output, polled the task once more by mistake, and was told to wait: for ever, because nobody will wake A. \
                 It is promised that this panics.",
            );
        }
        Ok(Poll::Ready(end)) => {
            call.returns(ended(&end));
            world.run.departs(format!(
                "A has got the output, polled the task once more by mistake, and was told: {}. It is promised that this panics.",
                ended(&end)
            ));
        }
    }
}

#[test]
fn its_destructors_may_cancel_it_once_more() {
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
            "The task is being dropped, its destructors cancel it, and `cancel` says that it has done something. Once is enough.",
        );
    }
    let mut task = own.take().expect("it was put there");
    world.expect_cancelled(&mut task);
}

#[test]
fn when_it_was_ready_its_destructors_cannot_cancel_it_any_more() {
    let world = World::new(run!());
    let own: Slot = Rc::default();
    let (itself, recorder) = (Rc::clone(&own), world.recorder.clone());
    let at_the_end = move || {
        let cancelled = panics::expected(|| itself.borrow().as_ref().map(Task::cancel));
        recorder.says(
            "task",
            match cancelled {
                Ok(Some(true)) => "is dropped after its end, and cancels itself: true",
                Ok(_) => "is dropped after its end, and cancels itself: false",
                Err(_) => "is dropped after its end, and cancels itself: a panic",
            },
        );
    };
    let task = Task::spawn(&world.spawn, Ready(OnDrop(Some(at_the_end))));
    own.replace(Some(task));
    world.recorder.says("task", "is ready with 7");
    world.turns();
    if world.said(
        "task",
        "is dropped after its end, and cancels itself: a panic",
    ) {
        world.borrowed_when_dropped();
    }
    if world.said("task", "is dropped after its end, and cancels itself: true") {
        world.run.diagnose(
            "cancel-twice",
            "The poll was ready, the future is being dropped, its destructors cancel the task, and `cancel` says that it has done something. \
             It is on its way out by then, as much as one that was cancelled.",
        );
    }
    let mut task = own.take().expect("it was put there");
    let a = world.poller("A");
    match world.join(&a, &mut task) {
        Poll::Ready(Ok(7)) => {}
        Poll::Ready(end) => world.run.departs(format!(
            "The future was ready with 7, and the task ended with: {}.",
            ended(&end)
        )),
        Poll::Pending => world
            .run
            .departs("The future was ready with 7, and the task is not over."),
    }
}

#[test]
fn a_task_that_waits_for_a_task_takes_it_along() {
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
fn the_loop_lets_go_of_a_task_that_is_cancelled() {
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
fn a_panic_is_how_it_ends() {
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
            .departs("The future panicked, and who waits is told that it was cancelled."),
        Poll::Ready(Ok(_)) => world
            .run
            .departs("The future panicked, and who waits is told that it has an output."),
        Poll::Pending => world.run.diagnose(
            "panic-swallowed",
            "The future panicked, and who waits for the task is not told: they will wait for ever.",
        ),
    }
    if a.wakes() == 0 {
        world.run.diagnose(
            "forgot-to-wake",
            "The future panicked, and A, who waits for the task, was not woken.",
        );
    }
    snapshot!(world.run);
}

#[test]
fn a_panic_in_its_destructors_is_how_a_cancelled_task_ends() {
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
            "A destructor of the task panicked, and the panic came out of `cancel`. The one who cancels has not made that mistake, and has other \
             tasks to cancel.",
        );
    }
    let a = world.poller("A");
    match world.join(&a, &mut task) {
        Poll::Ready(Err(Ended::Panicked(_))) => {}
        Poll::Ready(Err(Ended::Cancelled)) => world.run.diagnose(
            "panic-swallowed",
            "A destructor of the task panicked, and who waits is told that it was cancelled and nothing more.",
        ),
        Poll::Ready(Ok(_)) => world.run.departs("The task was cancelled, and who waits is told that it has an output."),
        Poll::Pending => world.run.departs("A destructor panicked, and the task is not over."),
    }
}

#[test]
fn a_panic_in_its_destructors_when_it_was_ready_is_reported_and_changes_nothing() {
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
            "The future was ready with 7, and after that one of its destructors panicked. The 7 was thrown away for it: the work was done, and who \
             waits is told that it was not.",
        ),
        Poll::Ready(Ok(other)) => world.run.departs(format!(
            "The future was ready with 7, and who waits gets {other}."
        )),
        Poll::Pending => world.run.departs(
            "The future was ready with 7, one of its destructors panicked, and the task is not over: who waits will wait for ever.",
        ),
    }
    match reports.borrow().iter().filter(|one| one.contains(FAILS)).count() {
        0 => world.run.diagnose(
            "panic-swallowed",
            "A destructor of the task panicked when it was ready. Who waits gets the output, as they should, and nobody was told of the panic.",
        ),
        1 => {}
        several => world
            .run
            .departs(format!("One panic was reported {several} times.")),
    }
}

#[test]
fn a_panic_that_nobody_asks_for_is_reported() {
    let world = World::new(run!());
    let reports = world.reports();
    let task: Task<u32> = Task::spawn(&world.spawn, async move { panic!("{FAILS}") });
    task.detach();
    world.turns();
    match reports.borrow()[..] {
        [] => world.run.diagnose(
            "panic-swallowed",
            "A task that nobody waits for panicked, and nobody has heard of it.",
        ),
        [_] => {}
        ref several => world
            .run
            .departs(format!("One panic was reported {} times.", several.len())),
    }
}

#[test]
fn another_thread_can_have_it_cancelled() {
    let world = World::new(run!());
    let mut task = world.sleeper();
    world.turns();
    let canceller = task.canceller();
    world
        .recorder
        .says("another thread", "asks for the cancellation");
    thread::spawn(move || canceller.cancel())
        .join()
        .expect("asking does not panic");
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
fn when_the_loop_is_gone_it_is_cancelled() {
    let world = World::new(run!());
    let mut task = world.sleeper();
    world.turns();
    world.recorder.says("loop", "is closed");
    world.sim.event_loop().close();
    if !world.said("task", "its destructors run") {
        world
            .run
            .departs("The loop is gone, and the task's future is still there.");
    }
    world.expect_cancelled(&mut task);
}

#[test]
fn whoever_is_woken_may_use_the_task_at_once() {
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
            Ok(true) => "is over".to_owned(),
            Ok(false) => "is not over".to_owned(),
            Err(panic) => panic.message,
        }));
    });
    key.open(7);
    world.turns();
    match SEEN.take().as_deref() {
        Some("is over") => {}
        Some("is not over") => world.run.diagnose(
            "woke-too-soon",
            "A was woken and looked at once, from inside of `wake`: the task is not over. It has to be so before anybody is told.",
        ),
        Some(problem) => world.run.diagnose(
            "wake-under-lock",
            format!("A was woken and looked at once, from inside of `wake`. That panicked ({problem}): `wake` is called while the state is borrowed."),
        ),
        None => world.run.departs("A waits for the task, the task is over, and A was not woken."),
    }
    drop(TASK.take());
}

#[test]
fn every_short_run_is_as_expected() {
    for destructors in Destructors::ALL {
        Search::of(&task_runs::ALPHABET)
            .up_to(3)
            .and_random(40, 8, 6)
            .naming(&task_runs::KNOWN)
            .compare(
                &run!(),
                || TaskMachine::<Yours>::new(destructors),
                || TaskMachine::<Reference>::new(destructors),
            );
    }
}

/// A task of `$module`, as the machine knows it.
macro_rules! any_task {
    ($name:ident, $($module:ident)::+) => {
        struct $name($($module)::+::Task<Value>);

        impl AnyTask for $name {
            fn spawn(spawn: &Rc<dyn Spawn>, future: Scripted) -> $name {
                $name($($module)::+::Task::spawn(spawn, future))
            }

            fn join(&mut self, context: &mut Context<'_>) -> Poll<End> {
                Pin::new(&mut self.0).poll(context).map(|end| match end {
                    Ok(_) => End::Output,
                    Err($($module)::+::Ended::Cancelled) => End::Cancelled,
                    Err($($module)::+::Ended::Panicked(_)) => End::Panicked,
                })
            }

            fn cancel(&self) -> bool {
                self.0.cancel()
            }

            fn is_over(&self) -> bool {
                self.0.is_over()
            }

            fn detach(self) {
                self.0.detach();
            }

            fn canceller(&self) -> Box<dyn Fn()> {
                let canceller = self.0.canceller();
                Box::new(move || canceller.cancel())
            }
        }
    };
}

any_task!(Yours, super::subject);
any_task!(Reference, cancellation);

/// With what the tasks here panic.
const FAILS: &str = "the task fails";

impl World {
    fn new(run: Run) -> World {
        let quiet = run!();
        let sim = SimLoop::new(&quiet);
        sim.event_loop().on_unretrieved(|_| ());
        let polls = Rc::default();
        World {
            spawn: Rc::new(Counting(sim.handle(), Rc::clone(&polls))),
            sim,
            polls,
            recorder: run.recorder().clone(),
            run,
        }
    }

    /// What the loop reports from now on.
    fn reports(&self) -> Rc<RefCell<Vec<String>>> {
        let reports: Rc<RefCell<Vec<String>>> = Rc::default();
        let report = Rc::clone(&reports);
        (self.sim.event_loop())
            .on_unretrieved(move |problem| report.borrow_mut().push(problem.to_string()));
        reports
    }

    /// A task that sleeps for an hour.
    fn sleeper(&self) -> Task<u32> {
        let (recorder, handle) = (self.recorder.clone(), self.sim.handle());
        Task::spawn(&self.spawn, async move {
            let _guard = AtTheEnd(recorder.clone());
            recorder.says("task", "begins");
            handle.sleep(HOUR).await;
            recorder.says("task", "goes on");
            7
        })
    }

    fn poller(&self, name: &str) -> Poller {
        poller(&self.recorder, name)
    }

    /// Runs the loop, and lets no time pass.
    #[track_caller]
    fn turns(&self) {
        for _ in 0..TURNS {
            let _keeps_it_from_waiting = self.sim.handle().call_soon(|| ());
            let turn = panics::expected(|| self.sim.event_loop().run_once());
            if let Err(panic) = turn {
                self.run.departs(format!("It panicked: {}.", panic.message));
            }
        }
    }

    #[track_caller]
    fn join(&self, by: &Poller, task: &mut Task<u32>) -> Poll<Result<u32, Ended>> {
        let call = self
            .recorder
            .enters("task", format!("awaited by {}", by.name()));
        let polled = panics::expected(|| by.poll(Pin::new(task)));
        let polled = match polled {
            Ok(polled) => polled,
            Err(panic) => {
                drop(call);
                self.run.departs(format!(
                    "It was awaited, and that panicked: {}.",
                    panic.message
                ));
            }
        };
        call.returns(match &polled {
            Poll::Pending => "pending".to_owned(),
            Poll::Ready(end) => ended(end),
        });
        polled
    }

    #[track_caller]
    fn cancels(&self, task: &Task<u32>) -> bool {
        let call = self.recorder.enters("caller", "cancel()");
        match panics::expected(|| task.cancel()) {
            Ok(cancelled) => {
                call.returns(cancelled.to_string());
                cancelled
            }
            Err(panic) => {
                drop(call);
                self.run
                    .departs(format!("`cancel` panicked: {}.", panic.message));
            }
        }
    }

    #[track_caller]
    fn cancel(&self, task: &Task<u32>, expected: bool) {
        if self.cancels(task) != expected {
            self.run.departs(format!(
                "`cancel` returned {}; it should have been {expected}.",
                !expected
            ));
        }
    }

    #[track_caller]
    fn expect_cancelled(&self, task: &mut Task<u32>) {
        let b = self.poller("who waits");
        match self.join(&b, task) {
            Poll::Ready(Err(Ended::Cancelled)) => {}
            Poll::Ready(end) => self.run.departs(format!(
                "The task was cancelled, and it ended with: {}.",
                ended(&end)
            )),
            Poll::Pending => self
                .run
                .departs("The task was cancelled, and it is not over."),
        }
    }

    /// The future was ready, and the task is not over.
    #[track_caller]
    fn not_over_after_its_end(&self, task: &Task<u32>) -> ! {
        let left = left_as(task);
        if World::new(run!()).a_late_cancel_revives() {
            self.run.diagnose(
                "state-left-taken",
                format!(
                    "The future was ready with 7, and the task is not over: it is “{left}”. When the loop lets go of its part of the task, \
                     `cancel` is called once more. It finds that the task is over, and does not put back what it has taken out of the state."
                ),
            );
        }
        self.run.departs(format!(
            "The future was ready with 7, and the task is not over: it is “{left}”."
        ))
    }

    /// Whether a second `cancel` makes a task that is over one that is not.
    fn a_late_cancel_revives(&self) -> bool {
        let task = self.sleeper();
        self.turns();
        let tried = panics::expected(|| {
            task.cancel();
            let over = task.is_over();
            task.cancel();
            over && !task.is_over()
        });
        tried.unwrap_or(false)
    }

    /// It was cancelled, the loop has had its turns, and the task is not over. How it was left by `cancel`, and the event by
    /// then, is `at_once`.
    #[track_caller]
    fn not_over_after_cancel(&self, task: &Task<u32>, at_once: (String, Option<usize>)) -> ! {
        let left = left_as(task);
        match (at_once.0.as_str(), at_once.1) {
            ("over", _) => {
                self.recorder.says(
                    "loop",
                    format!("polls its part of it: the task is “{left}”"),
                );
                self.run.diagnose(
                    "state-left-taken",
                    format!(
                        "When `cancel` returned, the task was over. Then the loop polled its part of it once more, and now it is “{left}”. That poll \
                         has put something into the state to begin with, found that there is nothing to poll, and did not put back what it had \
                         taken out."
                    ),
                )
            }
            (noted @ "running, and cancelled", event) => self.run.diagnose_at(
                event,
                "cancel-is-a-note",
                format!(
                    "Nobody was polling the task when it was cancelled, and `cancel` has left it as “{noted}”: a note, for whoever polls it. Nobody \
                     does, so nobody looks at it. A task that lies still is dropped by the one who cancels it."
                ),
            ),
            (_, event) => self.run.departs_at(
                event,
                format!("The task was cancelled, and it is not over: it is “{left}”."),
            ),
        }
    }

    #[track_caller]
    fn left_behind(&self, tasks: usize, polls: usize) -> ! {
        let polled = self.polls.get() > polls;
        self.recorder
            .says("loop", format!("keeps {tasks} of what it polls"));
        self.run.diagnose(
            "task-left-behind",
            if polled {
                format!(
                    "The task is over, and the loop still keeps {tasks} of what it polls. It was woken and has polled once more, and the answer was \
                     “pending”, although there is nothing left to wait for."
                )
            } else {
                format!(
                    "The task is over, and the loop still keeps {tasks} of what it polls: nobody has woken it, so it never learns that there is \
                     nothing left to poll."
                )
            },
        )
    }

    #[track_caller]
    fn borrowed_when_dropped(&self) -> ! {
        self.run.diagnose(
            "borrowed-when-dropped",
            "The destructors of the task's future used the task, and that panicked: its state is borrowed while the future is dropped.",
        )
    }

    fn said(&self, lane: &str, text: &str) -> bool {
        let events = self.recorder.recording().events;
        events
            .iter()
            .any(|event| event.track == lane && event.what == What::Says(text.to_owned()))
    }
}

fn ended(end: &Result<u32, Ended>) -> String {
    match end {
        Ok(output) => format!("ready({output})"),
        Err(Ended::Cancelled) => "cancelled".to_owned(),
        Err(Ended::Panicked(_)) => "panicked".to_owned(),
    }
}

/// The state that a task says it is in.
fn left_as(task: &Task<u32>) -> String {
    let said = format!("{task:?}");
    let inner = (said.strip_prefix("Task(\"")).and_then(|said| said.strip_suffix("\")"));
    inner.unwrap_or(&said).to_owned()
}

fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        _ => format!("{count} times"),
    }
}

/// The loop, with a count of how often it polls what it was given.
struct Counting(Handle, Rc<Cell<usize>>);

impl Spawn for Counting {
    fn spawn_boxed(&self, mut future: BoxedTask) {
        let polls = Rc::clone(&self.1);
        self.0
            .spawn_boxed(Box::pin(std::future::poll_fn(move |context| {
                polls.set(polls.get() + 1);
                future.as_mut().poll(context)
            })));
    }

    fn report(&self, problem: &str) {
        self.0.report(problem);
    }
}

/// A future that is ready at once, with 7, and has a destructor: unlike the variables of an `async` block it is there until
/// the future itself is dropped.
struct Ready<F: FnOnce()>(OnDrop<F>);

impl<F: FnOnce()> Future for Ready<F> {
    type Output = u32;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u32> {
        Poll::Ready(7)
    }
}

/// Says that the future was dropped before it came to its end.
struct DroppedEarly(Recorder);

impl DroppedEarly {
    const SAYS: &str = "is dropped, and has not ended";
}

impl Drop for DroppedEarly {
    fn drop(&mut self) {
        self.0.says("task", DroppedEarly::SAYS);
    }
}

struct AtTheEnd(Recorder);

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        self.0.says("task", "its destructors run");
    }
}

struct Named(Recorder, &'static str);

impl Drop for Named {
    fn drop(&mut self) {
        self.0.says(self.1, "its destructors run");
    }
}

struct OnDrop<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        if let Some(call) = self.0.take() {
            call();
        }
    }
}
