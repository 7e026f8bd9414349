//! 8.4 semaphore: permits, and the queue of the tasks that wait for them.

#[path = "semaphore/machine.rs"]
mod machine;
#[path = "semaphore/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "semaphore/limits.rs"]
mod limits;

#[path = "semaphore/wakes.rs"]
mod wakes;

#[path = "semaphore/memory.rs"]
mod memory;

#[path = "semaphore/short_runs.rs"]
mod short_runs;

use super::subject::Refused;
use probe::{run, snapshot};
use world::{Asked, World};

#[test]
fn permits_are_taken_and_returned() {
    let world = World::new(run!("taken"), 3);
    let mut two = world.asks("A", 2);
    let mut one = world.asks("B", 1);
    two.expect(Asked::Has(2));
    one.expect(Asked::Has(1));
    world.has_free(0);
    two.is_dropped();
    world.has_free(2);
    one.is_dropped();
    world.has_free(3);
    snapshot!(world.run);
}

#[test]
fn acquire_does_nothing_before_its_first_poll() {
    for permits in [1, 0] {
        let world = World::new(run!(), permits);
        let acquire = world.semaphore.acquire();
        world.run.recorder().says("A", "acquire(), not polled");
        let (free, waiting) = (world.semaphore.available(), world.semaphore.waiting());
        if (free, waiting) != (permits, 0) {
            world.run.diagnose(
                "eager-start",
                format!(
                    "A future of a permit was made and not polled. Now {free} permits are free, and {waiting} tasks wait. Expected: \
                     {permits} and 0. A future does nothing before its first poll."
                ),
            );
        }
        drop(acquire);
        world.has_free(permits);
    }
}

#[test]
fn a_returned_permit_wakes_the_waiting_task_and_no_other() {
    let world = World::new(run!("returned"), 1);
    let mut a = world.asks("A", 1);
    let mut b = world.asks("B", 1);
    let c = world.asks("C", 1);
    a.expect(Asked::Has(1));
    b.expect(Asked::Waits);
    c.expect(Asked::Waits);
    a.is_dropped();
    if b.wakes() == 0 {
        b.lacks_its_wake();
        world
            .run
            .departs("A returned its permit. B has waited longest, and B was not woken.");
    }
    if c.wakes() > 0 {
        world.run.diagnose(
            "thundering-herd",
            "One permit was returned. It is for B, which has waited longest, and C was woken too. C is polled for nothing.",
        );
    }
    b.polls();
    b.expect(Asked::Has(1));
    snapshot!(world.run);
}

#[test]
fn a_returned_permit_belongs_to_the_first_waiting_task_at_once() {
    let world = World::new(run!("handed_over"), 1);
    let mut a = world.asks("A", 1);
    let mut b = world.asks("B", 1);
    a.expect(Asked::Has(1));
    b.expect(Asked::Waits);
    a.is_dropped();
    let mut late = world.asks("A", 1);
    if late.asked() == Asked::Has(1) {
        world.run.diagnose(
            "barging",
            "A returned its permit, and asked again before B was polled. A got the permit, although B was waiting. A task that asks \
             again and again starves the others so.",
        );
    }
    b.polls();
    b.expect(Asked::Has(1));
    b.is_dropped();
    late.polls();
    late.expect(Asked::Has(1));
    snapshot!(world.run);
}

#[test]
fn a_late_try_acquire_does_not_overtake_a_task_that_waits() {
    let world = World::new(run!("not_overtaken"), 3);
    let mut a = world.asks("A", 2);
    let mut b = world.asks("B", 3);
    a.expect(Asked::Has(2));
    b.expect(Asked::Waits);
    for count in [1, 0] {
        match world.tries("C", count) {
            Err(Refused::NoPermits) => {}
            Err(Refused::Closed) => world.run.departs("The semaphore is open, and `try_acquire_many` returned `Err(Closed)`."),
            Ok(()) => world.run.diagnose(
                "overtaken-by-try",
                format!(
                    "B waits for 3 permits, and 1 is free. C called `try_acquire_many({count})` and got its permits before B. If small \
                     requests keep coming, B waits forever.",
                ),
            ),
        }
    }
    a.is_dropped();
    b.polls();
    b.expect(Asked::Has(3));
    snapshot!(world.run);
}

#[test]
fn permits_go_to_every_task_that_they_suffice_for() {
    let world = World::new(run!("several"), 0);
    let mut a = world.asks("A", 1);
    let mut b = world.asks("B", 2);
    let mut c = world.asks("C", 2);
    for task in [&a, &b, &c] {
        task.expect(Asked::Waits);
    }
    world.releases(4);
    if a.wakes() > 0 && b.wakes() == 0 {
        b.lacks_its_wake();
        world.run.diagnose(
            "one-waiter-served",
            "4 permits were released. A needs 1 of them and B needs 2. A was woken, and B was not, although 3 are left.",
        );
    }
    world.has_free(1);
    a.polls();
    b.polls();
    a.expect(Asked::Has(1));
    b.expect(Asked::Has(2));
    c.polls();
    c.expect(Asked::Waits);
    snapshot!(world.run);
}

#[test]
fn a_late_acquire_does_not_overtake_a_task_that_waits() {
    let world = World::new(run!(), 1);
    let mut b = world.asks("B", 2);
    b.expect(Asked::Waits);
    let mut c = world.asks("C", 1);
    if let Asked::Has(_) = c.asked() {
        world.run.diagnose(
            "barging",
            "B waits for 2 permits, and 1 is free. C asked later for 1 and got it. Tasks are served in the order of their first polls, \
             for any number of permits.",
        );
    }
    world.releases(2);
    b.polls();
    b.expect(Asked::Has(2));
    c.polls();
    c.expect(Asked::Has(1));
}

#[test]
fn a_task_that_is_dropped_with_its_permit_passes_it_on() {
    let world = World::new(run!("passed_on"), 1);
    let mut a = world.asks("A", 1);
    let mut b = world.asks("B", 1);
    let mut c = world.asks("C", 1);
    a.expect(Asked::Has(1));
    b.expect(Asked::Waits);
    c.expect(Asked::Waits);
    a.is_dropped();
    b.is_dropped();
    if c.wakes() == 0 {
        c.lacks_its_wake();
        let free = world.semaphore.available();
        if free == 0 {
            world.run.diagnose(
                "permit-lost",
                "A's permit was handed to B, and B was dropped before its next poll. No permit is free, no task has it, and C waits \
                 forever.",
            );
        }
        world.run.diagnose(
            "permit-not-passed-on",
            format!(
                "A's permit was handed to B, and B was dropped before its next poll. Now {free} is free, and C, which waits for one, was \
                 not woken."
            ),
        );
    }
    c.polls();
    c.expect(Asked::Has(1));
    c.is_dropped();
    world.has_free(1);
    snapshot!(world.run);
}

#[test]
fn a_first_task_that_is_dropped_lets_the_next_one_go_on() {
    let world = World::new(run!("front_dropped"), 1);
    let mut a = world.asks("A", 2);
    let mut b = world.asks("B", 1);
    a.expect(Asked::Waits);
    b.expect(Asked::Waits);
    a.is_dropped();
    if b.wakes() == 0 {
        b.lacks_its_wake();
        world.run.diagnose(
            "next-not-served",
            "A waited for 2 permits, and was dropped. B is the first now and waits for 1; 1 is free, and B was not woken. A task that \
             leaves the front of the queue may have been the only obstacle.",
        );
    }
    b.polls();
    b.expect(Asked::Has(1));
    snapshot!(world.run);
}
