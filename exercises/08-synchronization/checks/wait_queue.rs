//! 8.2 wait-queue: tasks that wait for their turn, first come, first served.

use super::subject::WaitQueue;
use futures::FutureExt;
use probe::detect::DropCounter;
use probe::{run, snapshot};

#[path = "wait_queue/machine.rs"]
mod machine;
#[path = "wait_queue/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "wait_queue/calls.rs"]
mod calls;

#[path = "wait_queue/all_at_once.rs"]
mod all_at_once;

#[path = "wait_queue/ends.rs"]
mod ends;

use world::World;

#[test]
fn a_waiter_is_pending_until_it_is_handed_a_turn() {
    let mut world = World::new(run!("one_waits"));
    world.wait("a");
    world.pending("a", "Nothing was handed over");
    world.hands_over(7);
    world.woken("a");
    world.ready("a", 7);
    snapshot!(world.run);
}

#[test]
fn the_turn_comes_back_if_nothing_waits() {
    let mut world = World::new(run!());
    if world.hand_over(7) != Err(7) {
        world
            .run
            .departs("Nothing waits, and `hand_over(7)` returned Ok. Expected: Err(7).");
    }
    world.wait("a");
    world.pending(
        "a",
        "The turn came back to the caller before the wait began",
    );
}

#[test]
fn one_turn_wakes_one_task() {
    let mut world = World::new(run!());
    for name in ["a", "b", "c"] {
        world.wait(name);
        world.pending(name, "Nothing was handed over");
    }
    world.hands_over(1);
    let woken = ["a", "b", "c"].map(|name| world.wakes(name) > 0);
    if woken.iter().filter(|woken| **woken).count() > 1 {
        world.run.diagnose(
            "thundering-herd",
            "One turn was handed over, and more than one task was woken. The others poll, find no turn, and wait again.",
        );
    }
    refuse_newest_first(&mut world);
    world.woken("a");
    world.ready("a", 1);
}

#[test]
fn the_waiter_that_came_first_is_handed_the_turn_first() {
    let mut world = World::new(run!("in_order"));
    for name in ["a", "b", "c"] {
        world.wait(name);
        world.pending(name, "Nothing was handed over");
    }
    world.hands_over(1);
    refuse_newest_first(&mut world);
    world.woken("a");
    world.hands_over(2);
    world.hands_over(3);
    for (name, turn) in [("a", 1), ("b", 2), ("c", 3)] {
        world.ready(name, turn);
    }
    snapshot!(world.run);
}

#[track_caller]
fn refuse_newest_first(world: &mut World) {
    if world.wakes("c") > 0 && world.wakes("a") == 0 {
        world.run.diagnose(
            "newest-first",
            "a, b and c wait, and came in this order. The first turn went to c, which came last.",
        );
    }
}

#[test]
fn a_waiter_takes_its_place_in_the_call_of_wait() {
    let mut world = World::new(run!());
    world.wait("a");
    world.wait("b");
    let len = world.queue.len();
    world.run.recorder().says("queue", format!("len() → {len}"));
    if len != 2 {
        world.run.diagnose(
            "place-at-first-poll",
            format!("`wait` was called twice, neither wait was polled yet, and `len` returned {len}. A wait takes its place in the call."),
        );
    }
    world.pending("b", "a called `wait` first, and b polled first");
    if world.hand_over(1).is_err() {
        world.run.departs("Two tasks wait, and the turn came back.");
    }
    if world.poll("a").is_pending() {
        world.run.diagnose(
            "place-at-first-poll",
            "a called `wait` before b, b polled before a, and the first turn did not go to a. A wait takes its place in the call.",
        );
    }
}

#[test]
fn the_task_that_polled_last_is_woken() {
    let mut world = World::new(run!());
    world.wait("a");
    world.pending("a", "Nothing was handed over");
    if world.poll_by("a", "b").is_ready() {
        world
            .run
            .departs("Nothing was handed over, and the wait is ready.");
    }
    world.hands_over(1);
    if world.wakes("b") == 0 {
        world
            .run
            .recorder()
            .lacks("b", "is not woken, and polled last");
        world.run.diagnose(
            "first-waker-only",
            "The wait was polled by a, and then by b with another waker. The turn did not wake b, which is the task that waits now.",
        );
    }
}

#[test]
fn a_waiter_that_is_dropped_leaves_the_queue() {
    let mut world = World::new(run!("dropped"));
    for name in ["a", "b", "c"] {
        world.wait(name);
        world.pending(name, "Nothing was handed over");
    }
    world.drops("b");
    let len = world.queue.len();
    world.run.recorder().says("queue", format!("len() → {len}"));
    if len != 2 {
        world.run.diagnose(
            "waiter-leaked",
            format!("Three tasks waited, b was dropped, and `len` returned {len}."),
        );
    }
    world.hands_over(1);
    world.ready("a", 1);
    world.hands_over(2);
    if world.wakes("c") == 0 {
        world.run.recorder().lacks("c", "is not woken");
        world.run.diagnose(
            "waiter-leaked",
            "b was dropped while it waited. The second turn did not reach c: it went to the place that b had left.",
        );
    }
    world.ready("c", 2);
    snapshot!(world.run);
}

#[test]
fn a_chosen_waiter_that_is_dropped_drops_its_turn() {
    let run = run!();
    let turns = DropCounter::new();
    let queue = WaitQueue::new();
    let wait = queue.wait(());
    let other = queue.wait(());
    run.recorder().says("queue", "two wait");
    drop(queue.hand_over(turns.token()));
    run.recorder()
        .says("queue", "hand_over(turn) → the first is chosen");
    drop(wait);
    run.recorder()
        .says("a", "the first is dropped before it is polled");
    if turns.alive() > 0 {
        if other.now_or_never().is_some() {
            run.departs(
                "A waiter was handed a turn and dropped before its next poll, and the queue handed the turn to the next waiter. The contract has the \
                 queue drop the turn: where it goes is decided by its destructor.",
            );
        }
        run.recorder().lacks("turn", "is not dropped");
        run.diagnose(
            "turn-not-passed-on",
            "A waiter was handed a turn and dropped before its next poll. The turn was not dropped with it: its destructor cannot pass it on, and \
             no other waiter receives it.",
        );
    }
}

#[test]
fn a_turn_is_passed_on_by_its_destructor() {
    machine::passes_on(&run!());
}

#[test]
fn the_owner_can_read_the_request_of_the_first_waiter() {
    let mut world = World::new(run!());
    let expect = |world: &World, right: Option<u32>| {
        let first = world.queue.first();
        world
            .run
            .recorder()
            .says("queue", format!("first() → {first:?}"));
        if first != right {
            world
                .run
                .departs(format!("`first` returned {first:?}. Expected: {right:?}."));
        }
    };
    expect(&world, None);
    world.wait_for("a", 3);
    world.wait_for("b", 5);
    expect(&world, Some(3));
    world.hands_over(1);
    expect(&world, Some(5));
    world.drops("b");
    expect(&world, None);
}
