//! 7.7 task-group: a group of tasks that nothing outlives.

#[path = "task_group/children.rs"]
mod children;
#[path = "task_group/failing.rs"]
mod failing;
#[path = "task_group/judging.rs"]
mod judging;
#[path = "task_group/machines.rs"]
mod machines;
#[path = "task_group/spawning.rs"]
mod spawning;
#[path = "task_group/world.rs"]
mod world;

use std::future::pending;

use super::subject::{TaskGroup, task_group};
use children::cleanup;
use judging::{expect_failures, expect_value, ready_with, refuse_lost_cleanup, refuse_orphans};
use machines::{Reference, Yours};
use probe::runs::Search;
use probe::{run, snapshot};
use probe_loop::group_runs::{self, Destructors, GroupMachine};
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
    failing::a_later_child();
}

#[test]
fn an_error_of_a_child_drops_the_body() {
    failing::drops_the_body();
}

#[test]
fn an_error_of_the_body_cancels_the_children() {
    failing::of_the_body();
}

#[test]
fn a_panic_of_a_child_is_a_failure() {
    failing::a_panic();
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
    spawning::by_other_code();
}

#[test]
fn the_task_that_polled_last_is_woken_for_a_new_child() {
    spawning::for_the_last_task(&run!());
}

#[test]
fn a_future_that_is_spawned_after_a_failure_is_dropped_unpolled() {
    failing::spawned_afterwards();
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
    spawning::and_dropped();
}

#[test]
fn a_dropped_group_keeps_no_waker_of_its_task() {
    spawning::no_waker_is_left(&run!());
}

#[test]
fn after_the_end_a_handle_of_the_group_starts_nothing() {
    spawning::after_the_end();
}

#[test]
fn three_thousand_children_that_start_two_each_are_waited_for() {
    spawning::three_thousand(&run!());
}

#[test]
fn a_failure_cancels_each_of_seventy_thousand_children() {
    failing::seventy_thousand(&run!());
}

#[test]
fn a_group_keeps_nothing_of_children_that_have_ended() {
    spawning::and_forgotten();
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
