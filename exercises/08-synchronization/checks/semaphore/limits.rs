//! Numbers of permits, the limit, and the end.

use std::task::{Context, Waker};

use super::super::subject::{Refused, Semaphore, TooMany};
use super::world::{Asked, World};
use probe::random::SIZES;
use probe::{Run, leaks, panics, run};
use probe_futures::poller;
use probe_io::heap;

/// How many semaphores are made and dropped, one after the other.
const MANY: isize = 2_000;

/// Permits are added to a semaphore with a limit.
pub(super) fn never_more(run: Run) -> Run {
    let world = World::bounded(run, 1);
    let mut a = world.asks("A", 1);
    a.expect(Asked::Has(1));
    if world.tries_to_release(1) != Err(TooMany) {
        world.run.diagnose(
            "limit-exceeded",
            "The limit is 1, and A has the permit. `release(1)` returned Ok, so there are 2 when A returns its own: permits that are out \
             count.",
        );
    }
    a.forgets();
    if world.tries_to_release(1) != Ok(()) {
        world
            .run
            .departs("The limit is 1, and A forgot its permit. `release(1)` was refused, although there is none.");
    }
    if world.tries_to_release(1) != Err(TooMany) {
        world.run.diagnose(
            "limit-exceeded",
            "The limit is 1, and 1 permit is free. `release(1)` returned Ok.",
        );
    }
    world.has_free(1);
    if panics::expected(|| world.semaphore.acquire_many(2)).is_ok() {
        world.run.departs(
            "The limit is 1, and `acquire_many(2)` did not panic: this future would wait forever, and all later ones behind it.",
        );
    }
    world.run
}

/// A semaphore is closed while two tasks wait.
pub(super) fn closed(run: Run) -> Run {
    let world = World::new(run, 2);
    let mut a = world.asks("A", 1);
    let mut b = world.asks("B", 2);
    let mut c = world.asks("C", 1);
    a.is_dropped();
    c.expect(Asked::Waits);
    world.is_closed(false);
    world.closes();
    world.is_closed(true);
    for task in [&b, &c] {
        if task.wakes() == 0 && task.asked() == Asked::Waits {
            task.lacks_its_wake();
            world.run.diagnose(
                "closed-without-a-wake",
                "The semaphore was closed while C waited, and C was not woken: it is never polled again.",
            );
        }
    }
    b.polls();
    if b.asked() == Asked::Refused {
        world.run.diagnose(
            "closed-over-the-permit",
            "B's permits were handed to it before the semaphore was closed, and its next poll returned `Err(Closed)`. They belonged to B.",
        );
    }
    b.expect(Asked::Has(2));
    c.polls();
    c.expect(Asked::Refused);
    b.is_dropped();
    world.has_free(2);
    match world.tries("A", 1) {
        Err(Refused::Closed) => {}
        other => world.run.departs(format!(
            "The semaphore is closed, and 2 permits are free. Expected: `try_acquire` returns Err(Closed). It returned {other:?}."
        )),
    }
    world.run
}

/// There are `usize::MAX` permits.
pub(super) fn the_largest() {
    let world = World::new(run!(), usize::MAX);
    let mut a = world.asks("A", usize::MAX);
    a.expect(Asked::Has(usize::MAX));
    for count in [1, usize::MAX] {
        if world.tries_to_release(count) != Err(TooMany) {
            world.run.departs(format!(
                "`usize::MAX` permits are out, and `release({count})` returned Ok: their sum has no number."
            ));
        }
    }
    let mut b = world.asks("B", usize::MAX);
    let mut c = world.asks("C", 0);
    b.expect(Asked::Waits);
    c.expect(Asked::Waits);
    a.is_dropped();
    b.polls();
    c.polls();
    b.expect(Asked::Has(usize::MAX));
    c.expect(Asked::Has(0));
}

/// All permits are forgotten, and released again, for limits of all sizes.
pub(super) fn all_sizes() {
    // The last two do not fit into 32 bits, nor does their half into 31.
    for size in SIZES.into_iter().chain([usize::MAX / 2, usize::MAX - 1]) {
        let world = World::bounded(run!(), size);
        let mut a = world.asks("A", size);
        a.expect(Asked::Has(size));
        a.forgets();
        world.releases(size);
        world.has_free(size);
        if world.tries_to_release(1) != Err(TooMany) {
            world.run.departs(format!(
                "The limit is {size}, and {size} permits are free. `release(1)` returned Ok."
            ));
        }
    }
}

/// Semaphores come and go, and with each of them the permits and the futures that it had.
pub(super) fn nothing_is_left() {
    let run = run!();
    let polled = |semaphore: &Semaphore| {
        // A poller would keep what it has seen.
        let mut context = Context::from_waker(Waker::noop());
        let mut acquire = Box::pin(semaphore.acquire());
        let _pending = acquire.as_mut().poll(&mut context).map(drop);
        acquire
    };
    type Use<'a> = (&'static str, &'a dyn Fn(&Semaphore));
    let uses: [Use<'_>; 6] = [
        ("a permit was dropped", &|semaphore| {
            drop(semaphore.try_acquire());
        }),
        ("a permit was forgotten", &|semaphore| {
            semaphore
                .try_acquire()
                .into_iter()
                .for_each(|permit| permit.forget());
        }),
        ("a future that waited was dropped", &|semaphore| {
            let _permit = semaphore.try_acquire();
            drop(polled(semaphore));
        }),
        ("a future was handed its permit and dropped", &|semaphore| {
            let permit = semaphore.try_acquire();
            let acquire = polled(semaphore);
            drop(permit);
            drop(acquire);
        }),
        (
            "a future was refused by `close` and dropped",
            &|semaphore| {
                let _permit = semaphore.try_acquire();
                let acquire = polled(semaphore);
                semaphore.close();
                drop(acquire);
            },
        ),
        ("a future outlived the semaphore", &|semaphore| {
            let semaphore = semaphore.clone();
            let permit = semaphore.try_acquire();
            let acquire = polled(&semaphore);
            drop(semaphore);
            drop(permit);
            drop(acquire);
        }),
    ];
    for (what, use_it) in uses {
        let times = |count| (0..count).for_each(|_| use_it(&Semaphore::new(1)));
        times(100);
        let before = heap::in_use();
        times(MANY);
        let left = heap::in_use() - before;
        run.recorder().says(
            "semaphore",
            format!("{what}, {MANY} times with a new one: {left} bytes are left"),
        );
        if left > 2 * MANY {
            run.diagnose(
                "never-freed",
                format!(
                    "{MANY} semaphores were made and dropped, and on each of them {what}. {left} bytes are still in use."
                ),
            );
        }
    }
}

/// Tasks wait for a permit that another has, and are dropped.
pub(super) fn nothing_is_kept() {
    let semaphore = Semaphore::new(1);
    let permit = semaphore.try_acquire();
    leaks::nothing_is_kept(
        &run!(),
        "semaphore",
        "tasks waited and were dropped",
        || {
            let mut acquire = Box::pin(semaphore.acquire());
            let _pending = (acquire.as_mut()).poll(&mut Context::from_waker(Waker::noop()));
        },
    );
    drop(permit);
}

/// A permit is dropped. Then two tasks ask for it, and are dropped as well.
pub(super) fn returned_once() {
    let world = World::new(run!(), 1);
    let mut a = world.asks("A", 1);
    a.expect(Asked::Has(1));
    a.is_dropped();
    let twice = "There is 1 permit. It was taken and dropped, and now more than 1 is free: two tasks could have it at the same time.";
    if world.semaphore.available() > 1 {
        world.run.diagnose("released-twice", twice);
    }
    let mut b = world.asks("B", 1);
    let mut c = world.asks("C", 1);
    b.is_dropped();
    c.polls();
    c.is_dropped();
    if world.semaphore.available() > 1 {
        world.run.diagnose(
            "released-twice",
            "There is 1 permit. It was handed to C, which polled, and dropped it. Now more than 1 is free: two tasks could have it at the \
             same time.",
        );
    }
    world.has_free(1);
}

/// A future is polled after it was ready.
pub(super) fn after_ready() {
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
