//! A poll after the end, and tasks that use the semaphore while they are woken.

use std::cell::Cell;
use std::rc::Rc;

use super::world::{Asked, World};
use probe::{panics, run};
use probe_futures::poller;

#[test]
fn a_poll_after_ready_panics() {
    let world = World::new(run!(), 3);
    let a = poller(world.run.recorder(), "A");
    let mut acquire = Box::pin(world.semaphore.acquire());
    let first = a.poll(acquire.as_mut());
    world
        .run
        .recorder()
        .says("A", "its future is ready, and is polled again");
    if let Ok(again) = panics::expected(|| a.poll(acquire.as_mut()).map(drop)) {
        world.run.diagnose(
            "resumed-after-complete",
            format!(
                "The future was ready, and a second poll returned {again:?}. A future of permits is ready once; for a later poll the contract \
                 asks for a panic."
            ),
        );
    }
    drop((acquire, first));
    world.has_free(3);
}

#[test]
fn a_woken_task_may_use_the_semaphore_inside_wake() {
    let run = run!();
    let world = World::new(run, 0);
    let (mut a, mut b) = (world.asks("A", 1), world.asks("B", 1));
    let (semaphore, recorder) = (world.semaphore.clone(), world.run.recorder().clone());
    let refused = Rc::new(Cell::new(false));
    let inside = Rc::clone(&refused);
    a.poller.on_wake_local(move || {
        let call = recorder.enters("A", "is woken, and uses the semaphore at once");
        inside.set(semaphore.try_acquire().is_err());
        let _ = semaphore.release(1);
        call.returns("done");
    });
    let released = panics::expected(|| world.releases(1));
    if let Err(panic) = released {
        world.run.diagnose(
            "woken-under-borrow",
            format!(
                "A's waker used the semaphore inside `wake`, and that panicked: {}. `release` calls the waker while it borrows the state. A \
                 waker is caller-supplied code: end the borrow first.",
                panic.message
            ),
        );
    }
    if !refused.get() {
        world.run.diagnose(
            "overtaken-by-try",
            "B waits for a permit. A's waker called `try_acquire` in the middle of `release`, and got one before B.",
        );
    }
    a.polls();
    b.polls();
    a.expect(Asked::Has(1));
    b.expect(Asked::Has(1));
}

#[test]
fn permits_that_a_woken_task_releases_are_counted_once() {
    let run = run!();
    let world = World::new(run, 0);
    let mut tasks = ["A", "B", "C", "D"].map(|name| world.asks(name, 1));
    let (semaphore, recorder) = (world.semaphore.clone(), world.run.recorder().clone());
    tasks[0].poller.on_wake_local(move || {
        let call = recorder.enters("A", "is woken, and calls release(1) at once");
        let _ = semaphore.release(1);
        call.returns("done");
    });
    world.releases(2);
    let mut served = Vec::new();
    for task in &mut tasks {
        task.polls();
        if task.asked() == Asked::Has(1) {
            served.push(task.poller.name().to_owned());
        }
    }
    let free = world.semaphore.available();
    if served.len() > 3 {
        world.run.diagnose(
            "released-twice",
            "There are 3 permits: `release(2)` added two, and A's waker the third with `release(1)` inside. All four tasks have one.",
        );
    }
    if served != ["A", "B", "C"] || free > 0 {
        world.run.departs(format!(
            "There are 3 permits: `release(2)` added two, and A's waker the third with `release(1)` inside. A, B and C are to have one each. \
             These have one: {}; {free} are free.",
            served.join(", ")
        ));
    }
}
