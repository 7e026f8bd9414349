//! Children that come while the group runs, and many of them.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Waker};

use super::super::subject::{Group, TaskGroup, task_group};
use super::children::{cleanup, tree};
use super::judging::{expect_failures, expect_value, ready_with, refuse_orphans};
use super::world::{Ends, HOUR, SECOND, World};
use event_loop::{EventLoop, JumpingDriver, Spawn, yield_now};
use probe::{Run, run};
use probe_futures::poller;
use probe_io::heap;
use probe_loop::ManualLoop;

/// Another task has the handle, and spawns a child.
pub(super) fn by_other_code() {
    let world = World::new(run!());
    let kept = Rc::new(RefCell::new(None));
    let (within, keeps) = (world.clone(), Rc::clone(&kept));
    let group = task_group(&world.spawn, async move |group| {
        keeps.replace(Some(group.clone()));
        group.spawn(within.child("a", HOUR, Ends::Well));
        Ok(7)
    });
    let (other, spawner) = (world.clone(), kept);
    drop(world.handle.spawn(async move {
        other.handle.sleep(SECOND).await;
        let handle: Group<&str> = spawner.take().expect("the body has run");
        other.says("other code", "spawns b");
        handle.spawn(other.child("b", SECOND, Ends::WithAnError));
    }));
    let output = ready_with(&world, group);
    if world.said("a", "finishes") {
        world.run.diagnose(
            "forgot-to-wake",
            "Code outside of the group spawned b through a handle, and b failed at 2 s. The task that polls the group was not woken, so the failure was noticed when a had finished, after an hour.",
        );
    }
    expect_failures(&world, output, &["b"]);
}

/// The group moves to another task, and a child is spawned.
pub(super) fn for_the_last_task(run: &Run) {
    let event_loop = Rc::new(ManualLoop::default());
    let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
    let kept = Rc::new(RefCell::new(None));
    let keeps = Rc::clone(&kept);
    let group = task_group::<u32, &str, _>(&spawn, async move |group| {
        keeps.replace(Some(group));
        pending().await
    });
    let (a, b) = (poller(run.recorder(), "A"), poller(run.recorder(), "B"));
    let mut group = pin!(group);
    for task in [&a, &b] {
        if task.poll(group.as_mut()).is_ready() {
            run.departs("The body waits without end, and the group is ready.");
        }
    }
    let handle: Group<&str> = kept.take().expect("the body has run");
    let (before_a, before_b) = (a.wakes(), b.wakes());
    run.recorder().says("other code", "spawns a child");
    handle.spawn(pending());
    event_loop.run();
    if b.wakes() > before_b {
        return;
    }
    run.recorder().lacks("B", "is not woken");
    if a.wakes() > before_a {
        run.diagnose(
            "first-waker-only",
            "A polled the group, then B did. A child was spawned through a handle, and A was woken. B polled last.",
        );
    }
    run.diagnose(
        "forgot-to-wake",
        "A polled the group, then B did. A child was spawned through a handle, and neither was woken: the group does not learn of it.",
    );
}

/// The group is dropped while its body and two children wait.
pub(super) fn and_dropped() {
    let world = World::new(run!());
    let within = world.clone();
    let mut group: TaskGroup<'_, u32, &str> = task_group(&world.spawn, async move |group| {
        let _guard = within.guard("body");
        group.spawn(within.child("a", HOUR, Ends::Well));
        let goodbye = cleanup(&within, &group);
        let child = within.child("b", HOUR, Ends::Well);
        group.spawn(async move {
            let _goodbye = goodbye;
            child.await
        });
        within.says("body", "starts");
        pending().await
    });
    let polled = Pin::new(&mut group).poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending(), "the body waits without end");
    world.pass(SECOND);
    world.says("owner", "drops the group");
    drop(group);
    world.says("owner", "the drop has returned");
    refuse_orphans(&world, &["a", "b", "body"]);
    world.pass(5 * SECOND);
    if !world.said("cleanup", "finishes") {
        world.run.diagnose(
            "cleanup-cancelled",
            "The group was dropped, and cleanup that a child started in its destructor did not finish. A destructor cannot wait for it: the loop has to run it.",
        );
    }
    // In which order the body and the children are dropped is the answer's own business.
}

/// The group has ended, and its handle is still there.
pub(super) fn after_the_end() {
    let world = World::new(run!());
    let kept = Rc::new(RefCell::new(None));
    let keeps = Rc::clone(&kept);
    let group = task_group::<u32, &str, _>(&world.spawn, async move |group| {
        keeps.replace(Some(group));
        Ok(7)
    });
    let output = ready_with(&world, group);
    expect_value(&world, &output);
    let handle: Group<&str> = kept.take().expect("the body has run");
    handle.spawn(world.child("late", SECOND, Ends::Well));
    world.pass(2 * SECOND);
    if world.said("late", "starts") {
        world.run.diagnose(
            "orphaned",
            "The group had ended. Then a child was spawned through its handle, and the loop polled that child: no group waits for it.",
        );
    }
}

/// 3,000 children spawn two each.
pub(super) fn three_thousand(run: &Run) {
    let event_loop = Rc::new(ManualLoop::default());
    let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
    let count = Rc::new(Cell::new(0));
    let counts = Rc::clone(&count);
    let group = task_group::<u32, &str, _>(&spawn, async move |group| {
        for _ in 0..3_000 {
            tree(&group, &counts, 2);
        }
        Ok(7)
    });
    let ended = Rc::new(Cell::new(None));
    let ends = Rc::clone(&ended);
    let waits = Box::pin(async move { ends.set(Some(group.await.is_ok())) });
    spawn.spawn_boxed(waits);
    let what = "3,000 children, each of which starts two, were run.";
    let quiet = run.risk(None, what, || (0..100).any(|_| event_loop.run()));
    let ran = count.get();
    let recorder = run.recorder();
    recorder.says("body", "spawns 3,000 children, each of which spawns two");
    recorder.says("children", format!("{ran} of 9,000 have run"));
    if !quiet {
        run.departs(
            "After 100,000 polls a task is still woken: 9,000 children are polled once each.",
        );
    }
    match ended.get() {
        Some(true) if ran == 9_000 => {}
        Some(true) => run.departs(format!(
            "The group was ready when {ran} of 9,000 children had run."
        )),
        Some(false) => run.departs("Nothing failed, and the group returned `Err`."),
        None => run.departs(format!(
            "No task is woken, {ran} of 9,000 children have run, and the group is pending."
        )),
    }
}

/// A handle of a group outlives the group.
pub(super) fn no_waker_is_left(run: &Run) {
    let event_loop = Rc::new(ManualLoop::default());
    let spawn: Rc<dyn Spawn> = event_loop;
    let kept = Rc::new(RefCell::new(None));
    let keeps = Rc::clone(&kept);
    let mut group = Box::pin(task_group::<(), &str, _>(&spawn, async move |group| {
        keeps.replace(Some(group));
        pending().await
    }));
    let task = poller(run.recorder(), "A");
    let _pending = task.poll(group.as_mut());
    drop(group);
    run.recorder()
        .says("group", "is dropped, and a handle of it is still there");
    if task.counts().alive > 0 {
        run.diagnose(
            "waker-kept",
            "A polled the group, and the group was dropped. A handle of the group is still there, and in it the waker of A.",
        );
    }
}

/// Children come and end while the group goes on.
pub(super) fn and_forgotten() {
    const EACH: usize = 4_000;
    let run = run!();
    // A loop that keeps nothing of its own: it uses the slot of a task again.
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let spawn: Rc<dyn Spawn> = Rc::new(event_loop.handle());
    let in_use = Rc::new(Cell::new([0, 0]));
    let measured = Rc::clone(&in_use);
    let group = task_group::<(), &str, _>(&spawn, async move |group| {
        for _ in 0..3 {
            for _ in 0..EACH {
                group.spawn(async { Ok(()) });
                yield_now().await;
            }
            measured.set([measured.get()[1], heap::in_use()]);
        }
        Ok(())
    });
    let _ended = event_loop.block_on(group);
    let [before, after] = in_use.get();
    let each = (after - before) / EACH.cast_signed();
    if each >= 8 {
        run.recorder().says(
            "body",
            format!("spawns {EACH} children, one after the other"),
        );
        run.recorder()
            .says("children", "each has ended before the next one");
        run.recorder()
            .lacks("group", format!("keeps {each} bytes for each of them"));
        run.diagnose(
            "ended-children-kept",
            "The children had ended, and the group still kept memory for each of them.",
        );
    }
}
