//! Permits that come back or are forgotten, the end, the limit, and large numbers.

use super::super::subject::{Refused, TooMany};
use super::world::{Asked, World};
use probe::random::SIZES;
use probe::{panics, run, snapshot};

#[test]
fn a_permit_is_returned_once() {
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

#[test]
fn forgotten_permits_do_not_come_back() {
    let world = World::new(run!(), 2);
    let mut a = world.asks("A", 1);
    a.expect(Asked::Has(1));
    a.forgets();
    if world.semaphore.available() == 2 {
        world.run.diagnose(
            "released-twice",
            "A forgot its permit, and it was returned: 2 are free. Expected: 1. The destructor of a permit runs after `forget` as well.",
        );
    }
    world.has_free(1);
    world.releases(1);
    world.has_free(2);
}

#[test]
fn closing_refuses_the_tasks_that_wait_and_no_other() {
    let run = run!("closed");
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
    snapshot!(world.run);
}

#[test]
fn a_bounded_semaphore_never_has_more_than_its_limit() {
    let run = run!("bounded");
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
    snapshot!(world.run);
}

#[test]
fn the_largest_numbers_do_not_overflow() {
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

#[test]
fn numbers_of_all_sizes_are_counted() {
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
