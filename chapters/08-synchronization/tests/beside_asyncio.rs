//! What asyncio does beside what this chapter does, for small programs that exist in both: see chapter 07's `beside_asyncio`.
//!
//! `asyncio/cases.py` holds the programs in Python, under the same names.

#[path = "../../07-composition/tests/beside_asyncio/harness.rs"]
pub(crate) mod harness;

use std::rc::Rc;

use cancellation::Task;
use harness::{Comparison, World, programs};
use synchronization::{Barrier, Condition, Event, Mutex, PriorityQueue, Queue, Semaphore};

programs![
    an_event_wakes_its_waiters_in_order,
    an_event_that_is_cleared_at_once_lets_its_waiters_pass,
    a_lock_is_handed_over_in_order,
    a_cancelled_waiter_of_a_lock_is_passed_over,
    a_waiter_that_is_cancelled_with_its_turn_passes_it_on,
    a_task_that_asks_again_waits_behind_the_others,
    a_semaphore_lets_two_in_at_a_time,
    a_bounded_semaphore_refuses_a_permit_too_many,
    a_condition_wakes_the_oldest_and_then_all,
    a_full_queue_makes_its_producer_wait,
    a_queue_is_joined_when_each_item_is_done,
    a_cancelled_get_takes_no_item,
    a_priority_queue_returns_the_smallest,
    a_barrier_opens_for_the_last,
];

fn comparison() -> Comparison {
    Comparison {
        programs: ALL.to_vec(),
        cases: "asyncio/cases.py",
        differs: &[],
        by_version: &[],
    }
}

#[test]
fn the_programs_say_what_they_said_before() {
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("beside_asyncio", comparison().ours()); }
    );
}

#[test]
fn asyncio_says_the_same() {
    comparison().compare();
}

async fn join<const N: usize>(tasks: [Task<()>; N]) {
    for task in tasks {
        let _ended = task.await;
    }
}

async fn an_event_wakes_its_waiters_in_order(world: World) {
    let event = Rc::new(Event::new());
    let tasks = ["a", "b", "c"].map(|name| {
        let (world, event) = (world.clone(), Rc::clone(&event));
        world.clone().task(async move {
            event.wait().await;
            world.say(format!("{name} goes on"));
        })
    });
    world.sleep(10).await;
    event.set();
    world.say("main has set it");
    join(tasks).await;
}

async fn an_event_that_is_cleared_at_once_lets_its_waiters_pass(world: World) {
    let event = Rc::new(Event::new());
    let (waiter, theirs) = (world.clone(), Rc::clone(&event));
    let task = world.task(async move {
        theirs.wait().await;
        waiter.say(format!("a goes on, set: {}", theirs.is_set()));
    });
    world.sleep(10).await;
    event.set();
    event.clear();
    join([task]).await;
}

/// Tasks that hold a lock for 10 ms, each this often.
fn holding<const N: usize>(world: &World, rounds: [(&'static str, usize); N]) -> [Task<()>; N] {
    let lock = Rc::new(Mutex::new(()));
    rounds.map(|(name, rounds)| {
        let (world, lock) = (world.clone(), Rc::clone(&lock));
        world.clone().task(async move {
            for _ in 0..rounds {
                let _guard = lock.lock().await;
                world.say(format!("{name} has the lock"));
                world.sleep(10).await;
            }
        })
    })
}

async fn a_lock_is_handed_over_in_order(world: World) {
    join(holding(&world, [("a", 1), ("b", 1), ("c", 1)])).await;
}

async fn a_cancelled_waiter_of_a_lock_is_passed_over(world: World) {
    let tasks = holding(&world, [("a", 1), ("b", 1), ("c", 1)]);
    world.sleep(5).await;
    tasks[1].cancel();
    join(tasks).await;
}

async fn a_waiter_that_is_cancelled_with_its_turn_passes_it_on(world: World) {
    let lock = Rc::new(Mutex::new(()));
    let guard = lock.lock().await;
    let tasks = ["a", "b"].map(|name| {
        let (world, lock) = (world.clone(), Rc::clone(&lock));
        world.clone().task(async move {
            let _guard = lock.lock().await;
            world.say(format!("{name} has the lock"));
        })
    });
    world.sleep(5).await;
    drop(guard);
    tasks[0].cancel();
    join(tasks).await;
}

async fn a_task_that_asks_again_waits_behind_the_others(world: World) {
    join(holding(&world, [("a", 2), ("b", 1)])).await;
}

async fn a_semaphore_lets_two_in_at_a_time(world: World) {
    let semaphore = Rc::new(Semaphore::new(2));
    let tasks = ["a", "b", "c", "d", "e"].map(|name| {
        let (world, semaphore) = (world.clone(), Rc::clone(&semaphore));
        world.clone().task(async move {
            let _permit = semaphore.acquire().await;
            world.say(format!("{name} begins"));
            world.sleep(10).await;
            world.say(format!("{name} ends"));
        })
    });
    join(tasks).await;
}

async fn a_bounded_semaphore_refuses_a_permit_too_many(world: World) {
    let semaphore = Semaphore::bounded(1);
    let permit = semaphore.acquire().await;
    world.say("main has a permit");
    drop(permit);
    if semaphore.release(1).is_err() {
        world.say("main: too many");
    }
}

async fn a_condition_wakes_the_oldest_and_then_all(world: World) {
    let shared = Rc::new((Mutex::new(()), Condition::new()));
    let tasks = ["a", "b", "c"].map(|name| {
        let (world, shared) = (world.clone(), Rc::clone(&shared));
        world.clone().task(async move {
            let guard = shared.0.lock().await;
            let _guard = shared.1.wait(guard).await;
            world.say(format!("{name} goes on"));
        })
    });
    for (all, text) in [(false, "main notifies one"), (true, "main notifies all")] {
        world.sleep(10).await;
        let _guard = shared.0.lock().await;
        match all {
            true => shared.1.notify_all(),
            false => shared.1.notify_one(),
        }
        world.say(text);
    }
    join(tasks).await;
}

async fn a_full_queue_makes_its_producer_wait(world: World) {
    let queue = Rc::new(Queue::new(1));
    let (produces, theirs) = (world.clone(), Rc::clone(&queue));
    let task = world.task(async move {
        for item in 0..3 {
            theirs.put(item).await.expect("the queue is open");
            produces.say(format!("put {item}"));
        }
    });
    for _ in 0..3 {
        world.sleep(10).await;
        let item = queue.get().await.expect("the queue is open");
        world.say(format!("got {item}"));
    }
    join([task]).await;
}

async fn a_queue_is_joined_when_each_item_is_done(world: World) {
    let queue = Rc::new(Queue::new(10));
    let (works, theirs) = (world.clone(), Rc::clone(&queue));
    let task = world.task(async move {
        while let Ok(item) = theirs.get().await {
            works.sleep(10).await;
            works.say(format!("{item} is done"));
            theirs.task_done().expect("an item was taken");
        }
    });
    for item in 0..3 {
        queue.put(item).await.expect("the queue is open");
    }
    queue.join().await;
    world.say("main has joined");
    task.cancel();
    join([task]).await;
    if queue.task_done().is_err() {
        world.say("main: called too often");
    }
}

async fn a_cancelled_get_takes_no_item(world: World) {
    let queue = Rc::new(Queue::new(10));
    let tasks = ["a", "b"].map(|name| {
        let (world, queue) = (world.clone(), Rc::clone(&queue));
        world.clone().task(async move {
            let item = queue.get().await.expect("the queue is open");
            world.say(format!("{name} got {item}"));
        })
    });
    world.sleep(10).await;
    queue.put(1).await.expect("the queue is open");
    tasks[0].cancel();
    join(tasks).await;
}

async fn a_priority_queue_returns_the_smallest(world: World) {
    let queue = PriorityQueue::by_priority(10);
    for item in [3, 1, 2] {
        queue.put(item).await.expect("the queue is open");
    }
    for _ in 0..3 {
        let item = queue.get().await.expect("the queue is open");
        world.say(format!("got {item}"));
    }
}

async fn a_barrier_opens_for_the_last(world: World) {
    let barrier = Rc::new(Barrier::new(3));
    let tasks = [("a", 10), ("b", 20), ("c", 30)].map(|(name, millis)| {
        let (world, barrier) = (world.clone(), Rc::clone(&barrier));
        world.clone().task(async move {
            world.sleep(millis).await;
            world.say(format!("{name} arrives"));
            let _arrival = barrier.wait().await;
            world.say(format!("{name} goes on"));
        })
    });
    join(tasks).await;
}
