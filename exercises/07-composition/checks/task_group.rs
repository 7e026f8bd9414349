//! 7.7 task-group: a group of tasks that nothing outlives.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Waker};

use super::subject::{Group, TaskGroup, task_group};
use event_loop::{EventLoop, JumpingDriver, Spawn, yield_now};
use probe::detect::DropCounter;
use probe::runs::Search;
use probe::{panics, run, snapshot};
use probe_futures::poller;
use probe_io::heap;
use probe_loop::ManualLoop;
use probe_loop::group_runs::{self, Destructors, GroupMachine};

#[path = "task_group/children.rs"]
mod children;
#[path = "task_group/judging.rs"]
mod judging;
#[path = "task_group/machines.rs"]
mod machines;
#[path = "task_group/world.rs"]
mod world;

use children::{Spawns, cleanup, tree};
use judging::{
    STUCK, expect_failures, expect_value, in_words, ready_with, refuse_lost_cleanup, refuse_orphans,
};
use machines::{Reference, Yours};
use world::{Ends, HOUR, SECOND, World};

#[test]
fn a_group_waits_for_its_body_and_for_every_child() {
    let world = World::new(run!("waits"));
    let within = world.clone();
    let group = task_group(&world.spawn, async move |group| {
        group.spawn(within.child("a", 2 * SECOND, Ends::Well));
        group.spawn(within.child("b", 3 * SECOND, Ends::Well));
        within.says("body", "starts");
        within.handle.sleep(SECOND).await;
        within.says("body", "finishes");
        Ok(7)
    });
    let output = ready_with(&world, group);
    refuse_orphans(&world, &["a", "b"]);
    expect_value(&world, &output);
    if world.seconds() > 3 {
        world.run.diagnose(
            "sequential-await",
            format!("The longest child takes 3 seconds, and the group took {}. The children do not run at the same time.", world.seconds()),
        );
    }
    snapshot!(world.run);
}

#[test]
fn the_children_run_although_the_group_is_not_polled() {
    let world = World::new(run!());
    let group: TaskGroup<'_, u32, &str> = task_group(&world.spawn, |group| {
        group.spawn(world.child("a", SECOND, Ends::Well));
        async { Ok(7) }
    });
    world.pass(2 * SECOND);
    if !world.said("a", "finishes") {
        world.run.recorder().lacks("a", "has not finished");
        world.run.diagnose(
            "waits-to-be-polled",
            "The group was not polled for 2 seconds, and a child that takes 1 second has not finished. A child has to be a task, which the loop polls.",
        );
    }
    drop(group);
}

#[test]
fn a_child_that_a_child_spawns_is_waited_for() {
    let world = World::new(run!());
    let within = world.clone();
    let group = task_group(&world.spawn, async move |group| {
        let (inside, world) = (group.clone(), within.clone());
        group.spawn(async move {
            world.handle.sleep(SECOND).await;
            world.says("a", "spawns b");
            inside.spawn(world.child("b", 2 * SECOND, Ends::Well));
            Ok(())
        });
        Ok(7)
    });
    let output = ready_with(&world, group);
    refuse_orphans(&world, &["b"]);
    expect_value(&world, &output);
}

#[test]
fn an_error_cancels_the_siblings() {
    let world = World::new(run!("fails"));
    let within = world.clone();
    let group = task_group(&world.spawn, async move |group| {
        group.spawn(within.child("a", SECOND, Ends::WithAnError));
        group.spawn(within.child("b", HOUR, Ends::Well));
        Ok(7)
    });
    let output = ready_with(&world, group);
    refuse_orphans(&world, &["b"]);
    if world.said("b", "finishes") {
        world.run.diagnose(
            "siblings-go-on",
            "a failed after 1 second. The group did not cancel b, and waited for it for an hour.",
        );
    }
    expect_failures(&world, output, &["a"]);
    snapshot!(world.run);
}

#[test]
fn an_error_of_a_later_child_is_not_kept_waiting_by_an_earlier_one() {
    let world = World::new(run!());
    let within = world.clone();
    let group = task_group(&world.spawn, async move |group| {
        group.spawn(within.child("a", HOUR, Ends::Well));
        group.spawn(within.child("b", SECOND, Ends::WithAnError));
        Ok(7)
    });
    let output = ready_with(&world, group);
    refuse_orphans(&world, &["a"]);
    if world.said("a", "finishes") {
        world.run.diagnose(
            "sequential-await",
            "b failed after 1 second, and the group noticed that when a had finished, after an hour. With a and b the other way round it noticed at once.",
        );
    }
    expect_failures(&world, output, &["b"]);
}

#[test]
fn an_error_of_a_child_drops_the_body() {
    let world = World::new(run!());
    let within = world.clone();
    let group = task_group(&world.spawn, async move |group| {
        let guard = within.guard("body");
        group.spawn(within.child("a", SECOND, Ends::WithAnError));
        within.says("body", "starts");
        within.handle.sleep(HOUR).await;
        within.says("body", "goes on");
        drop(guard);
        Ok(7)
    });
    let output = ready_with(&world, group);
    if world.said("body", "goes on") {
        world.run.diagnose(
            "body-goes-on",
            "a failed after 1 second, and the body went on for an hour. The first failure drops the body, as it does a child.",
        );
    }
    expect_failures(&world, output, &["a"]);
}

#[test]
fn an_error_of_the_body_cancels_the_children() {
    let world = World::new(run!());
    let within = world.clone();
    let group = task_group(&world.spawn, async move |group| {
        group.spawn(within.child("a", HOUR, Ends::Well));
        within.handle.sleep(SECOND).await;
        within.says("body", "fails");
        Err("body")
    });
    let output = ready_with(&world, group);
    refuse_orphans(&world, &["a"]);
    if world.said("a", "finishes") {
        world.run.diagnose(
            "siblings-go-on",
            "The body failed after 1 second. The group did not cancel a, and waited for it for an hour.",
        );
    }
    expect_failures(&world, output, &["body"]);
}

#[test]
fn a_panic_of_a_child_is_a_failure() {
    let world = World::new(run!());
    let within = world.clone();
    let group = task_group(&world.spawn, async move |group| {
        group.spawn(within.child("a", SECOND, Ends::WithAPanic));
        group.spawn(within.child("b", HOUR, Ends::Well));
        Ok(7)
    });
    let output = ready_with(&world, group);
    if output.is_ok() {
        world.run.diagnose(
            "panic-swallowed",
            "A child panicked, and the group returned the value of its body.",
        );
    }
    expect_failures(&world, output, &["a panics"]);
}

#[test]
fn every_failure_is_returned_in_the_order_in_which_they_happened() {
    let world = World::new(run!());
    let within = world.clone();
    let group = task_group(&world.spawn, async move |group| {
        group.spawn(within.child("a", SECOND, Ends::WithAnError));
        group.spawn(within.child("b", SECOND, Ends::WithAPanic));
        group.spawn(within.child("c", SECOND, Ends::WithAnError));
        pending().await
    });
    let output = ready_with(&world, group);
    expect_failures(&world, output, &["a", "b panics", "c"]);
}

#[test]
fn a_child_that_other_code_spawns_is_noticed() {
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

#[test]
fn the_task_that_polled_last_is_woken_for_a_new_child() {
    let run = run!();
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

#[test]
fn a_future_that_is_spawned_after_a_failure_is_dropped_unpolled() {
    let world = World::new(run!());
    let within = world.clone();
    let group = task_group(&world.spawn, async move |group| {
        let late = within.child("late", HOUR, Ends::Well);
        let spawns = Spawns(Some((group.clone(), late)));
        group.spawn(async move {
            let _spawns = spawns;
            pending().await
        });
        within.handle.sleep(SECOND).await;
        within.says("body", "fails");
        Err("body")
    });
    let joined = world.handle.spawn(group);
    let driven = panics::expected(|| world.sim.drive(joined));
    let said = match &driven {
        Ok(Ok(Err(failures))) => in_words(failures).join("; "),
        Err(panic) => panic.message.clone(),
        _ => String::new(),
    };
    if said.contains("already") && said.contains("borrowed") {
        world.run.diagnose(
            "borrowed-when-dropped",
            format!("The destructor of a cancelled child spawned a child in the group, and that panicked: {said}. The child is cancelled while a `RefCell` is borrowed."),
        );
    }
    if world.said("late", "starts") {
        world.run.diagnose(
            "spawned-after-the-failure",
            "The destructor of a cancelled child spawned another child in the group, and that child was polled. After a failure the group takes no child in.",
        );
    }
    match driven {
        Ok(Ok(output)) => expect_failures(&world, output, &["body"]),
        Ok(Err(_)) => world.run.departs(STUCK),
        Err(panic) => world
            .run
            .departs(format!("The group panicked: {}.", panic.message)),
    }
}

#[test]
fn cleanup_of_a_cancelled_child_is_waited_for() {
    let world = World::new(run!("cleanup"));
    let within = world.clone();
    let group = task_group(&world.spawn, async move |group| {
        let goodbye = cleanup(&within, &group);
        let child = within.child("a", HOUR, Ends::Well);
        group.spawn(async move {
            let _goodbye = goodbye;
            child.await
        });
        within.handle.sleep(SECOND).await;
        within.says("body", "fails");
        Err("body")
    });
    let output = ready_with(&world, group);
    refuse_lost_cleanup(&world);
    expect_failures(&world, output, &["body"]);
    snapshot!(world.run);
}

#[test]
fn cleanup_is_waited_for_when_nothing_has_failed() {
    let world = World::new(run!());
    let within = world.clone();
    let group = task_group(&world.spawn, async move |group| {
        drop(cleanup(&within, &group));
        Ok(7)
    });
    let output = ready_with(&world, group);
    refuse_lost_cleanup(&world);
    expect_value(&world, &output);
}

#[test]
fn dropping_a_group_cancels_its_body_and_its_children_before_the_drop_returns() {
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

#[test]
fn after_the_end_a_handle_of_the_group_starts_nothing() {
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

#[test]
fn three_thousand_children_that_start_two_each_are_waited_for() {
    let run = run!();
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

#[test]
fn a_failure_cancels_each_of_seventy_thousand_children() {
    let run = run!();
    let event_loop = Rc::new(ManualLoop::default());
    let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
    let children = DropCounter::new();
    let tokens = children.clone();
    let group = task_group::<u32, &str, _>(&spawn, async move |group| {
        for _ in 0..70_000 {
            let token = tokens.token();
            group.spawn(async move {
                let _token = token;
                pending().await
            });
        }
        yield_now().await;
        Err("body")
    });
    let over = Rc::new(Cell::new(false));
    let ends = Rc::clone(&over);
    spawn.spawn_boxed(Box::pin(async move {
        let _ = group.await;
        ends.set(true);
    }));
    let _ = (0..1_000).any(|_| event_loop.run());
    let alive = children.alive();
    run.recorder()
        .says("body", "spawns 70,000 children, and fails");
    if alive > 0 {
        let left = format!("{alive} of them are still there");
        run.recorder().lacks("children", left);
        let code = if over.get() {
            "orphaned"
        } else {
            "siblings-go-on"
        };
        run.diagnose(
            code,
            format!("The body failed. 70,000 children were waiting without end, and {alive} of them are still there."),
        );
    }
    if !over.get() {
        run.departs("The body failed, 70,000 children are dropped, and the group is pending.");
    }
}

#[test]
fn a_group_keeps_nothing_of_children_that_have_ended() {
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

#[test]
fn every_short_run_is_as_expected() {
    for destructors in Destructors::ALL {
        let length = match destructors {
            Destructors::Quiet => 3,
            _ => 2,
        };
        Search::of(&group_runs::ALPHABET)
            .up_to(length)
            .and_random(20, 12, 7)
            .naming(&group_runs::KNOWN)
            .compare(
                &run!(),
                || GroupMachine::<Yours>::new(destructors),
                || GroupMachine::<Reference>::new(destructors),
            );
    }
}

#[test]
fn nothing_outlives_a_group_in_three_hundred_schedules() {
    let run = run!();
    for seed in 0..300 {
        if let Err(rule) = group_runs::schedule::<Yours>(seed) {
            run.departs(format!("In {rule}."));
        }
    }
}
