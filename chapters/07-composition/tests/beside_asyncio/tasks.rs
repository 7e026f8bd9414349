//! Chapter 06: tasks that end.

use std::cell::Cell;
use std::rc::Rc;

use cancellation::{Cleanup, Promise, Task, shield};
use event_loop::yield_now;

use super::harness::{IfDropped, World, programs};

programs![
    a_suspended_task_is_cancelled,
    a_task_that_has_not_begun_is_cancelled,
    a_finished_task_cannot_be_cancelled,
    a_task_is_cancelled_twice,
    cancelling_a_task_cancels_the_child_that_it_awaits,
    a_shielded_task_goes_on_when_its_waiter_is_cancelled,
    an_error_reaches_the_task_that_awaits,
    clean_up_that_waits,
    a_task_that_cancels_itself_runs_to_its_next_suspension,
    callbacks_of_a_promise_are_called_later_and_in_order,
];

async fn joins<T: 'static>(world: &World, task: Task<T>) {
    if task.await.is_err() {
        world.say("main: it was cancelled");
    }
}

async fn a_suspended_task_is_cancelled(world: World) {
    let task = world.working("a", 100);
    world.sleep(10).await;
    world.say(format!("main cancels: {}", task.cancel()));
    joins(&world, task).await;
}

async fn a_task_that_has_not_begun_is_cancelled(world: World) {
    let task = world.working("a", 100);
    world.say(format!("main cancels: {}", task.cancel()));
    joins(&world, task).await;
}

async fn a_finished_task_cannot_be_cancelled(world: World) {
    let task = world.working("a", 10);
    world.sleep(20).await;
    world.say(format!("main cancels: {}", task.cancel()));
    world.say(format!("main gets {}", task.await.unwrap()));
}

async fn a_task_is_cancelled_twice(world: World) {
    let task = world.working("a", 100);
    world.sleep(10).await;
    world.say(format!("main cancels: {}", task.cancel()));
    world.say(format!("main cancels: {}", task.cancel()));
    joins(&world, task).await;
}

async fn cancelling_a_task_cancels_the_child_that_it_awaits(world: World) {
    let parent = world.clone();
    let task = world.task(async move { parent.working("child", 100).await });
    world.sleep(10).await;
    task.cancel();
    joins(&world, task).await;
}

async fn a_shielded_task_goes_on_when_its_waiter_is_cancelled(world: World) {
    let inner = shield(&world.spawn, world.clone().works("inner", 30));
    let waiter = world.clone();
    let waiter = world.task(async move {
        let _cancelled = IfDropped {
            world: waiter,
            text: "waiter is cancelled".to_owned(),
            armed: Cell::new(true),
        };
        let _name = inner.await;
    });
    world.sleep(10).await;
    waiter.cancel();
    world.sleep(50).await;
    world.say("main ends");
}

async fn an_error_reaches_the_task_that_awaits(world: World) {
    let task = world.task(world.clone().fails("a", 10));
    if let Ok(Err(error)) = task.await {
        world.say(format!("main gets {error}"));
    }
}

async fn clean_up_that_waits(world: World) {
    let work = world.clone();
    let task = world.task(async move {
        let cleans = work.clone();
        let _cleanup = Cleanup::new(&work.spawn, async move {
            cleans.say("clean-up begins");
            cleans.sleep(10).await;
            cleans.say("clean-up ends");
        });
        work.sleep(100).await;
    });
    world.sleep(10).await;
    task.cancel();
    joins(&world, task).await;
    world.sleep(50).await;
}

async fn a_task_that_cancels_itself_runs_to_its_next_suspension(world: World) {
    let itself: Rc<Cell<Option<Task<()>>>> = Rc::default();
    let (work, cancels) = (world.clone(), Rc::clone(&itself));
    let (ends, ended) = futures::channel::oneshot::channel();
    itself.set(Some(world.task(async move {
        work.say("work begins");
        let task = cancels.take().expect("it was spawned");
        task.cancel();
        let _receiver = ends.send(task);
        work.say("work goes on");
        work.sleep(10).await;
        work.say("work ends");
    })));
    let task = ended.await.expect("it begins");
    joins(&world, task).await;
}

async fn callbacks_of_a_promise_are_called_later_and_in_order(world: World) {
    let promise = Promise::new(Rc::clone(&world.spawn));
    for name in ["first", "second"] {
        let says = world.clone();
        promise.on_done(move |outcome| says.say(format!("{name}: {}", outcome.unwrap())));
    }
    promise.resolve(7).expect("it is pending");
    world.say("main has resolved it");
    yield_now().await;
    yield_now().await;
    world.say("main goes on");
}
