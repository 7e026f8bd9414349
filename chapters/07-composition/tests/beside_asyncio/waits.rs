//! Chapter 07: several waits.

use std::time::Duration;

use composition::{
    Collect, Deadline, Failed, Requests, Stopped, Until, Waited, as_completed, gather, join_all,
    task_group, timeout, timeout_at, try_join_all, wait, wait_at, wait_for,
};
use event_loop::Time;
use futures::StreamExt;
use futures::channel::oneshot;
use futures::future::{Either, ready};

use super::harness::{World, programs};

programs![
    gather_returns_results_in_the_order_of_the_list,
    gather_passes_on_the_first_error,
    gather_collects_errors,
    as_completed_yields_in_the_order_of_completion,
    wait_for_the_first_lets_the_others_run,
    wait_with_a_time_limit_lets_the_others_run,
    wait_for_all_returns_with_the_last,
    wait_for_the_first_error_passes_over_a_success,
    a_cancelled_task_is_no_error_to_a_wait,
    tasks_that_finish_in_one_iteration_are_all_done,
    a_time_out_that_is_not_needed,
    a_time_out_ends_its_work,
    a_time_out_of_zero,
    the_work_is_ready_at_its_deadline,
    an_inner_time_out_is_shorter,
    an_outer_time_out_is_shorter,
    a_value_and_a_request_to_stop_arrive_together,
    a_group_waits_for_its_children,
    an_error_in_a_group_cancels_the_siblings,
    a_group_is_cancelled_from_outside,
];

type Outcome = Result<&'static str, &'static str>;

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn at(after: u64) -> Time {
    Time::after_start(millis(after))
}

async fn succeeds(world: World, name: &'static str, millis: u64) -> Outcome {
    Ok(world.works(name, millis).await)
}

fn counts<T>(world: &World, waited: &Waited<T>) {
    let (done, pending) = (waited.done.len(), waited.pending.len());
    world.say(format!("main has {done} done, {pending} pending"));
}

async fn gather_returns_results_in_the_order_of_the_list(world: World) {
    let works = |(name, millis)| world.clone().works(name, millis);
    let names = join_all([("a", 30), ("b", 10), ("c", 20)].map(works)).await;
    world.say(format!("main gets {}", names.join(" ")));
}

async fn gather_passes_on_the_first_error(world: World) {
    let all = [
        Either::Left(succeeds(world.clone(), "a", 30)),
        Either::Right(world.clone().fails("b", 10)),
        Either::Left(succeeds(world.clone(), "c", 20)),
    ];
    if let Err(error) = try_join_all(all).await {
        world.say(format!("main gets {error}"));
    }
    world.sleep(50).await;
    world.say("main ends");
}

async fn gather_collects_errors(world: World) {
    let all = [
        Either::Left(succeeds(world.clone(), "a", 30)),
        Either::Right(world.clone().fails("b", 10)),
    ];
    let results = gather(all, Collect).await;
    let names: Vec<&str> = (results.into_iter())
        .map(|result| result.unwrap_or_else(|error| error))
        .collect();
    world.say(format!("main gets {}", names.join(" ")));
}

async fn as_completed_yields_in_the_order_of_completion(world: World) {
    let tasks = [("a", 30), ("b", 10), ("c", 20)].map(|(name, millis)| world.working(name, millis));
    let mut earliest = as_completed(tasks);
    while let Some((_place, name)) = earliest.next().await {
        world.say(format!("main gets {}", name.unwrap()));
    }
}

async fn wait_for_the_first_lets_the_others_run(world: World) {
    let tasks = [("a", 30), ("b", 10), ("c", 20)].map(|(name, millis)| world.working(name, millis));
    let waited = wait(tasks.into(), Until::First).await;
    counts(&world, &waited);
    world.sleep(50).await;
    world.say("main ends");
}

async fn wait_with_a_time_limit_lets_the_others_run(world: World) {
    let tasks = [("a", 10), ("b", 30)].map(|(name, millis)| world.working(name, millis));
    let waited = wait_at(&world.handle, at(20), tasks.into(), Until::All).await;
    counts(&world, &waited);
    world.sleep(50).await;
    world.say("main ends");
}

async fn wait_for_all_returns_with_the_last(world: World) {
    let tasks = [("a", 10), ("b", 30)].map(|(name, millis)| world.working(name, millis));
    counts(&world, &wait(tasks.into(), Until::All).await);
}

async fn wait_for_the_first_error_passes_over_a_success(world: World) {
    let tasks = vec![
        world.task(succeeds(world.clone(), "a", 10)),
        world.task(world.clone().fails("b", 20)),
        world.task(succeeds(world.clone(), "c", 30)),
    ];
    let waited = wait(tasks, Until::first_error()).await;
    counts(&world, &waited);
    world.sleep(50).await;
}

async fn a_cancelled_task_is_no_error_to_a_wait(world: World) {
    let tasks = vec![
        world.task(succeeds(world.clone(), "a", 100)),
        world.task(succeeds(world.clone(), "b", 30)),
    ];
    world.sleep(10).await;
    tasks[0].cancel();
    counts(&world, &wait(tasks, Until::first_error()).await);
}

async fn tasks_that_finish_in_one_iteration_are_all_done(world: World) {
    let tasks = ["a", "b", "c"].map(|name| world.working(name, 10));
    counts(&world, &wait(tasks.into(), Until::First).await);
}

async fn a_time_out_that_is_not_needed(world: World) {
    let work = world.clone().works("a", 10);
    let result = timeout(&world.handle, millis(20), work).await;
    world.say(format!("main gets {}", result.unwrap()));
}

async fn a_time_out_ends_its_work(world: World) {
    let work = world.clone().works("a", 100);
    if timeout(&world.handle, millis(20), work).await.is_err() {
        world.say("main: time is up");
    }
}

async fn a_time_out_of_zero(world: World) {
    let works = world.clone();
    let work = async move {
        works.say("work runs");
        7
    };
    match timeout(&world.handle, Duration::ZERO, work).await {
        Ok(seven) => world.say(format!("main gets {seven}")),
        Err(_elapsed) => world.say("main: time is up"),
    }
}

async fn the_work_is_ready_at_its_deadline(world: World) {
    let work = world.clone().works("a", 20);
    match timeout(&world.handle, millis(20), work).await {
        Ok(name) => world.say(format!("main gets {name}")),
        Err(_elapsed) => world.say("main: time is up"),
    }
}

async fn nested(world: World, outer: Deadline, inner: Deadline) {
    let body = async {
        let work = world.clone().works("a", 100);
        if timeout_at(&world.handle, inner, work).await.is_err() {
            world.say("inner: time is up");
            world.sleep(5).await;
        }
        world.say("main ends");
    };
    if timeout_at(&world.handle, outer, body).await.is_err() {
        world.say("outer: time is up");
    }
}

async fn an_inner_time_out_is_shorter(world: World) {
    nested(world, Deadline::at(at(30)), Deadline::at(at(10))).await;
}

async fn an_outer_time_out_is_shorter(world: World) {
    nested(world, Deadline::at(at(10)), Deadline::at(at(30))).await;
}

async fn a_value_and_a_request_to_stop_arrive_together(world: World) {
    let (sender, message) = oneshot::channel();
    let (requests, worker) = (Requests::new(), world.clone());
    let theirs = requests.clone();
    let task = world.handle.spawn(async move {
        let second = Duration::from_secs(1);
        let value = wait_for(&worker.handle, second, &theirs, message).await;
        worker.say(format!("worker gets {}", value.unwrap().unwrap()));
        let sleeps = worker.sleep(100);
        if let Err(Stopped::Cancelled(_)) = wait_for(&worker.handle, second, &theirs, sleeps).await
        {
            return;
        }
        worker.say("worker ends");
    });
    world.sleep(10).await;
    let _sent = sender.send(7);
    requests.push("shutdown");
    world.sleep(50).await;
    let ended = task.is_finished();
    world.say(format!("main: the worker has ended: {ended}"));
    let _ended = task.await;
}

async fn a_group_waits_for_its_children(world: World) {
    let ended = task_group(&world.spawn, async |group| {
        group.spawn(child(&world, "a", 30));
        group.spawn(child(&world, "b", 10));
        world.say("body ends");
        Ok(())
    });
    let _ended: Result<(), Vec<Failed<&str>>> = ended.await;
    world.say("main ends");
}

fn child(
    world: &World,
    name: &'static str,
    millis: u64,
) -> impl Future<Output = Result<(), &'static str>> + use<> {
    let work = world.clone().works(name, millis);
    async move {
        let _name = work.await;
        Ok(())
    }
}

async fn an_error_in_a_group_cancels_the_siblings(world: World) {
    let ended = task_group(&world.spawn, async |group| {
        group.spawn(child(&world, "a", 100));
        let fails = world.clone().fails("b", 10);
        group.spawn(async move { fails.await.map(|_name| ()) });
        Ok(())
    });
    if let Err(failures) = ended.await {
        let names: Vec<&str> = (failures.iter())
            .filter_map(|failed| match failed {
                Failed::Error(name) => Some(*name),
                _ => None,
            })
            .collect();
        world.say(format!("main gets {}", names.join(" ")));
    }
}

async fn a_group_is_cancelled_from_outside(world: World) {
    let work = world.clone();
    let task = world.task(async move {
        let ended = task_group(&work.spawn, async |group| {
            group.spawn(child(&work, "a", 100));
            ready(Ok::<(), &str>(())).await
        });
        let _ended = ended.await;
    });
    world.sleep(10).await;
    task.cancel();
    if task.await.is_err() {
        world.say("main: it was cancelled");
    }
}
