//! What a failure of one does to the others.

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;

use super::super::subject::task_group;
use super::children::Spawns;
use super::judging::{STUCK, expect_failures, in_words, ready_with, refuse_orphans};
use super::world::{Ends, HOUR, SECOND, World};
use event_loop::{Spawn, yield_now};
use probe::detect::DropCounter;
use probe::{Run, panics, run};
use probe_loop::ManualLoop;

/// A child returns an error while the body waits.
pub(super) fn drops_the_body() {
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

/// The second child returns an error while the first waits.
pub(super) fn a_later_child() {
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

/// The body returns an error while a child waits, and in the poll in which it has spawned one.
pub(super) fn of_the_body() {
    for at_once in [false, true] {
        let world = World::new(run!());
        let within = world.clone();
        let group = task_group(&world.spawn, async move |group| {
            if at_once {
                within.handle.sleep(SECOND).await;
                group.spawn(within.child("a", HOUR, Ends::Well));
            } else {
                group.spawn(within.child("a", HOUR, Ends::Well));
                within.handle.sleep(SECOND).await;
            }
            within.says("body", "fails");
            Err("body")
        });
        let output = ready_with(&world, group);
        refuse_orphans(&world, &["a"]);
        if world.said("a", "finishes") {
            let when = match at_once {
                true => "after 1 second, in the poll in which it had spawned a",
                false => "after 1 second",
            };
            world.run.diagnose(
                "siblings-go-on",
                format!(
                    "The body failed {when}. The group did not cancel a, and waited for it for an hour."
                ),
            );
        }
        expect_failures(&world, output, &["body"]);
    }
}

/// A child panics.
pub(super) fn a_panic() {
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

/// A child fails, and a future is spawned while the group cleans up.
pub(super) fn spawned_afterwards() {
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

/// One of 70,000 children fails.
pub(super) fn seventy_thousand(run: &Run) {
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
