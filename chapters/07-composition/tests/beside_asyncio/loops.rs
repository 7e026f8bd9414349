//! Chapter 04: the loop.

use std::time::Duration;

use event_loop::yield_now;

use super::harness::{World, programs};

programs![
    tasks_begin_in_the_order_of_their_spawns,
    a_task_begins_when_the_spawner_suspends,
    two_tasks_that_yield_take_turns,
    timers_fire_in_the_order_of_their_times,
    timers_of_one_instant_fire_in_the_order_of_their_making,
    callbacks_and_tasks_share_one_queue,
    a_callback_that_a_callback_adds_waits_for_the_next_iteration,
    a_cancelled_timer_does_not_fire,
    a_task_that_has_finished_is_joined_at_once,
    an_await_of_what_is_ready_does_not_suspend,
    a_child_that_a_task_spawns_begins_after_those_in_the_queue,
    three_sleeps_side_by_side_take_as_long_as_the_longest,
];

const MILLI: Duration = Duration::from_millis(1);

async fn tasks_begin_in_the_order_of_their_spawns(world: World) {
    let works = |name| world.handle.spawn(world.clone().works(name, 10));
    let tasks = ["a", "b", "c"].map(works);
    world.say("main has spawned");
    for task in tasks {
        let _name = task.await;
    }
}

async fn a_task_begins_when_the_spawner_suspends(world: World) {
    let task = world.handle.spawn(world.clone().works("a", 10));
    world.say("main 1");
    yield_now().await;
    world.say("main 2");
    let _name = task.await;
}

async fn counts(world: World, name: &'static str) {
    for number in 0..3 {
        world.say(format!("{name} {number}"));
        yield_now().await;
    }
}

async fn two_tasks_that_yield_take_turns(world: World) {
    let tasks = ["a", "b"].map(|name| world.handle.spawn(counts(world.clone(), name)));
    for task in tasks {
        let _done = task.await;
    }
}

async fn timers_fire_in_the_order_of_their_times(world: World) {
    let works = |(name, millis)| world.handle.spawn(world.clone().works(name, millis));
    let tasks = [("30", 30), ("10", 10), ("20", 20)].map(works);
    for task in tasks {
        let _name = task.await;
    }
}

async fn timers_of_one_instant_fire_in_the_order_of_their_making(world: World) {
    let works = |name| world.handle.spawn(world.clone().works(name, 10));
    let tasks = ["a", "b", "c", "d"].map(works);
    for task in tasks {
        let _name = task.await;
    }
}

async fn callbacks_and_tasks_share_one_queue(world: World) {
    let says = |text| {
        let world = world.clone();
        move || world.say(text)
    };
    let _first = world.handle.call_soon(says("callback 1"));
    let task = world.handle.spawn(world.clone().works("a", 10));
    let _second = world.handle.call_soon(says("callback 2"));
    world.say("main suspends");
    let _name = task.await;
}

async fn a_callback_that_a_callback_adds_waits_for_the_next_iteration(world: World) {
    let (outer, beside) = (world.clone(), world.clone());
    let _outer = world.handle.call_soon(move || {
        outer.say("outer");
        let inner = outer.clone();
        let _inner = outer.handle.call_soon(move || inner.say("inner"));
    });
    let _beside = world.handle.call_soon(move || beside.say("beside it"));
    for turn in 0..3 {
        world.say(format!("main {turn}"));
        yield_now().await;
    }
}

async fn a_cancelled_timer_does_not_fire(world: World) {
    let later = |millis: u32| {
        let says = world.clone();
        world
            .handle
            .call_later(MILLI * millis, move || says.say(millis))
    };
    let _twenty = later(20);
    let removed = later(10);
    let _thirty = later(30);
    removed.cancel();
    world.sleep(50).await;
    world.say("main ends");
}

async fn a_task_that_has_finished_is_joined_at_once(world: World) {
    let task = world.handle.spawn(world.clone().works("a", 10));
    world.sleep(20).await;
    let other = world.handle.spawn(world.clone().works("b", 10));
    world.say(format!("main gets {}", task.await.unwrap()));
    world.say("main goes on");
    let _name = other.await;
}

async fn an_await_of_what_is_ready_does_not_suspend(world: World) {
    let task = world.handle.spawn(world.clone().works("a", 10));
    std::future::ready(7).await;
    world.say("main has awaited");
    let _name = task.await;
}

async fn a_child_that_a_task_spawns_begins_after_those_in_the_queue(world: World) {
    let parent = world.clone();
    let parent = world.handle.spawn(async move {
        parent.say("parent begins");
        let child = parent.handle.spawn(parent.clone().works("child", 10));
        let _name = child.await;
    });
    let other = world.handle.spawn(world.clone().works("b", 10));
    let _ended = parent.await;
    let _name = other.await;
}

async fn three_sleeps_side_by_side_take_as_long_as_the_longest(world: World) {
    let works = |(name, millis)| world.handle.spawn(world.clone().works(name, millis));
    let tasks = [("a", 10), ("b", 30), ("c", 20)].map(works);
    for task in tasks {
        world.say(format!("main gets {}", task.await.unwrap()));
    }
}
