//! batch-wakes: a signal for many tasks, and one call that wakes all of them.

#[path = "batch_wakes/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "batch_wakes/many.rs"]
mod many;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use probe::{What, panics, run, snapshot};
use probe_futures::poller;
use world::{World, waits};

#[test]
fn every_task_that_waits_is_woken_once_and_in_order() {
    let world = World::new(run!("in_order"));
    let tasks = world.tasks(["a", "b", "c"]);
    let count = world.wake_all();
    let recording = world.run.recorder().recording();
    let woken: Vec<&str> = (recording.events.iter())
        .filter(|event| event.what == What::Woken)
        .map(|event| event.track.as_str())
        .collect();
    for task in &tasks {
        match task.wakes() {
            1 => {}
            0 => {
                world.run.recorder().lacks(task.name(), "is not woken");
                world.run.diagnose(
                    "forgot-to-wake",
                    format!(
                        "{} waited, `wake_all` was called, and {} was not woken.",
                        task.name(),
                        task.name()
                    ),
                );
            }
            wakes => world
                .run
                .departs(format!("{} was woken {wakes} times.", task.name())),
        }
    }
    if woken == ["c", "b", "a"] {
        world.run.diagnose(
            "newest-first",
            "a, b and c waited, in this order. `wake_all` woke c first: the task that has waited longest was woken last.",
        );
    }
    if woken != ["a", "b", "c"] {
        world.run.departs(format!(
            "a, b and c waited, and were woken in this order: {}.",
            woken.join(", ")
        ));
    }
    world.expects(count, 3);
    let again = world.wake_all();
    world.expects(again, 0);
    snapshot!(world.run);
}

#[test]
fn a_task_may_wait_again_while_it_is_woken() {
    let world = World::new(run!("again"));
    let [a, b] = world.tasks(["a", "b"]);
    for task in [&a, &b] {
        let (recorder, signal) = (world.run.recorder().clone(), Arc::clone(&world.signal));
        let again = task.clone();
        task.on_wake(move || waits(&recorder, &signal, &again));
    }
    let count = world.run.risk(
        Some("wake-under-lock"),
        "`wake_all` woke a task, and in its wake the task called `wait`. That call does not return: `wake_all` still holds the lock that `wait` needs.",
        || world.wake_all(),
    );
    if a.wakes() > 1 || count > 2 {
        world.run.diagnose(
            "newcomers-served",
            format!("a and b waited, and each waited again in its wake. The same call woke a {} times. Tasks that wait in a loop keep such a call busy forever.", a.wakes()),
        );
    }
    world.expects(count, 2);
    let count = world.wake_all();
    for task in [&a, &b] {
        if task.wakes() < 2 {
            world.run.recorder().lacks(task.name(), "is not woken");
            world.run.diagnose(
                "newcomers-lost",
                format!("{0} waited again while `wake_all` was at work. The next `wake_all` did not wake {0}: its waker is lost.", task.name()),
            );
        }
    }
    world.expects(count, 2);
    snapshot!(world.run);
}

#[test]
fn a_task_may_wake_all_while_it_is_woken() {
    let world = World::new(run!());
    let [a, b] = world.tasks(["a", "b"]);
    let (recorder, signal) = (world.run.recorder().clone(), Arc::clone(&world.signal));
    let late = poller(&recorder, "late");
    let inner = late.clone();
    a.on_wake(move || {
        waits(&recorder, &signal, &inner);
        let call = recorder.enters("a", "wake_all()");
        call.returns(signal.wake_all().to_string());
    });
    world.run.risk(
        Some("wake-under-lock"),
        "`wake_all` woke a, and in its wake a called `wake_all`. That call does not return: the outer call still holds the lock.",
        || world.wake_all(),
    );
    for task in [&a, &b, &late] {
        if task.wakes() != 1 {
            world.run.departs(format!(
                "a and b waited. In its wake, a had \"late\" wait and called `wake_all`. {} was woken {} times. Expected: once.",
                task.name(),
                task.wakes()
            ));
        }
    }
}

#[test]
fn a_waker_that_is_dropped_may_use_the_signal() {
    let world = World::new(run!());
    let [a, b] = world.tasks(["a", "b"]);
    for task in [&a, &b] {
        let (recorder, signal) = (world.run.recorder().clone(), Arc::clone(&world.signal));
        let last = poller(&recorder, "last owner");
        task.on_drop(move || waits(&recorder, &signal, &last));
    }
    world.run.risk(
        Some("dropped-under-lock"),
        "`wake_all` dropped a waker, whose destructor called `wait`. That call does not return: the lock is held while wakers are dropped.",
        || world.wake_all(),
    );
    let count = world.wake_all();
    world.expects(count, 2);
    let world = World::new(run!());
    let [a] = world.tasks(["a"]);
    let (recorder, signal) = (world.run.recorder().clone(), Arc::clone(&world.signal));
    a.on_drop(move || {
        let call = recorder.enters("a", "wake_all()");
        call.returns(signal.wake_all().to_string());
    });
    world.run.risk(
        Some("dropped-under-lock"),
        "`wake_all` dropped a waker, whose destructor called `wake_all`. That call does not return: a lock is held while wakers are dropped.",
        || world.wake_all(),
    );
}

#[test]
fn a_waker_that_panics_takes_no_wake_from_the_others() {
    let world = World::new(run!("panics"));
    let [a, b, c] = world.tasks(["a", "b", "c"]);
    a.on_wake(|| panic!("the first panic"));
    b.on_wake(|| panic!("the second panic"));
    // The payload says which panic it is: `expected` would say which was raised last.
    let woken = panics::expected(|| catch_unwind(AssertUnwindSafe(|| world.wake_all())));
    let woken = woken.expect("every panic was caught");
    for task in [&b, &c] {
        if task.wakes() == 0 {
            world.run.recorder().lacks(task.name(), "is not woken");
            world.run.diagnose(
                "panic-takes-the-rest",
                format!(
                    "The waker of a panicked, and {} was not woken. It had waited, too.",
                    task.name()
                ),
            );
        }
    }
    match woken {
        Ok(_) => world.run.diagnose(
            "panic-swallowed",
            "Two wakers panicked, and `wake_all` returned. The first panic goes on to the caller.",
        ),
        Err(panic) if panic.downcast_ref() == Some(&"the second panic") => world.run.diagnose(
            "last-panic-goes-on",
            "Two wakers panicked, and the panic that came out of `wake_all` is the second one. Expected: the first.",
        ),
        Err(panic) if panic.downcast_ref() != Some(&"the first panic") => world.run.departs(
            "Two wakers panicked, and the panic that came out of `wake_all` is not the first one.",
        ),
        Err(_) => {}
    }
    // Neither a poisoned lock nor a waker that stays behind.
    let after = panics::expected(|| {
        world.waits(&c);
        world.wake_all()
    });
    match after {
        Ok(count) => world.expects(count, 1),
        Err(panic) => world.run.departs(format!(
            "A waker had panicked. After that, `wait` or `wake_all` panicked as well: {}.",
            panic.message
        )),
    }
    snapshot!(world.run);
}

#[test]
fn a_task_that_waits_twice_is_woken_for_each() {
    let world = World::new(run!());
    let task = poller(world.run.recorder(), "task");
    world.waits(&task);
    world.waits(&task);
    let count = world.wake_all();
    if (task.wakes(), count) == (1, 1) {
        world.run.diagnose(
            "equal-wakers-merged",
            "The same waker was added twice, and `wake_all` called it once. Each call of `wait` adds a waker, and each one that was added is called.",
        );
    }
    if task.wakes() != 2 {
        world.run.departs(format!(
            "The same waker was added twice, and was called {} times.",
            task.wakes()
        ));
    }
    world.expects(count, 2);
}
