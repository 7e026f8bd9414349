//! 8.2 wait-queue: tasks that wait for their turn, first come, first served.

use std::task::Poll;

use super::subject::WaitQueue;
use futures::FutureExt;
use probe::detect::DropCounter;
use probe::random::Random;
use probe::runs::Search;
use probe::{Run, What, panics, run, snapshot};
use probe_io::heap;

#[path = "wait_queue/machine.rs"]
mod machine;
#[path = "wait_queue/world.rs"]
mod world;

use machine::{ALPHABET, KNOWN, Reference, Yours};
use world::{World, shared, unshare};

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

#[test]
fn a_task_may_use_the_queue_while_it_is_woken() {
    let mut world = World::new(run!());
    for name in ["a", "b"] {
        world.wait(name);
        world.pending(name, "Nothing was handed over");
    }
    shared(&world.queue);
    let recorder = world.run.recorder().clone();
    world.poller("a").on_wake(move || {
        let (len, handed) = world::with_shared(|queue| (queue.len(), queue.hand_over(2)));
        recorder.says(
            "a",
            format!("in its wake: len() → {len}, hand_over(2) → {handed:?}"),
        );
    });
    let handed = panics::expected(|| world.queue.hand_over(1));
    unshare();
    if let Err(panic) = handed {
        world.run.diagnose(
            "woken-under-borrow",
            format!(
                "`hand_over` woke a, and a called `len` and `hand_over` in its wake. That panicked: {}. A waker is caller-supplied code.",
                panic.message
            ),
        );
    }
    if world.poll("a") != Poll::Ready(1) || world.poll("b") != Poll::Ready(2) {
        world.run.diagnose(
            "woken-under-borrow",
            "a was handed turn 1, and in its wake it handed turn 2 to b. The two turns did not reach a and b.",
        );
    }
}

#[test]
fn a_dropped_waker_may_use_the_queue() {
    // The queue drops a's waker because a newer one replaces it, or because the wait is dropped.
    for replaced in [true, false] {
        let mut world = World::new(run!());
        world.wait("a");
        world.pending("a", "Nothing was handed over");
        shared(&world.queue);
        let recorder = world.run.recorder().clone();
        world.poller("a").on_drop(move || {
            let len = world::with_shared(WaitQueue::len);
            recorder.says("a", format!("its waker is dropped: len() → {len}"));
        });
        let dropped = panics::expected(|| {
            if replaced {
                let _polled = world.poll_by("a", "b");
            } else {
                world.drops("a");
            }
        });
        unshare();
        if let Err(panic) = dropped {
            world.run.diagnose(
                "borrowed-when-dropped",
                format!(
                    "The queue dropped a waker, and the waker's destructor called `len`. That panicked: {}.",
                    panic.message
                ),
            );
        }
    }
}

#[test]
fn a_wait_that_has_returned_its_turn_removes_no_other() {
    let mut world = World::new(run!());
    world.wait("a");
    world.hands_over(1);
    world.ready("a", 1);
    world.wait("b");
    world.pending("b", "Nothing was handed over");
    world.drops("a");
    let handed = panics::expected(|| world.hand_over(2));
    if handed != Ok(Ok(())) || world.wakes("b") == 0 {
        world.run.recorder().lacks("b", "is not woken");
        world.run.diagnose(
            "takes-others-along",
            "a had returned its turn and was dropped, while b waited. After that no turn reached b: the drop removed b.",
        );
    }
    world.ready("b", 2);
}

#[test]
fn hand_to_all_serves_those_that_wait_now_and_no_later_one() {
    let mut world = World::new(run!());
    for name in ["a", "b"] {
        world.wait(name);
        world.pending(name, "Nothing was handed over");
    }
    shared(&world.queue);
    world.poller("a").on_wake(world::joins_the_shared_queue);
    let mut made = 0;
    let count = world.run.risk(
        Some("newcomers-served"),
        "`hand_to_all` does not return: a task that it wakes waits again, and is handed the next turn.",
        || {
            world.queue.hand_to_all(|| {
                made += 1;
                made
            })
        },
    );
    let late = unshare();
    world
        .run
        .recorder()
        .says("queue", format!("hand_to_all → {count}, {made} turns made"));
    let (before, served) = late.unwrap_or_default();
    if count != 2 || served {
        world.run.diagnose(
            "newcomers-served",
            format!("Two tasks waited. In its wake, a waited again, and was handed a turn once more: `hand_to_all` returned {count}."),
        );
    }
    if before > 0 {
        world.run.departs(format!(
            "Two tasks waited. When the first of them was woken, `len` returned {before}: `hand_to_all` hands out every turn before it wakes a task."
        ));
    }
    if made != 2 {
        world.run.diagnose(
            "one-turn-too-many",
            format!("Two tasks waited, and `hand_to_all` made {made} turns. A turn that no waiter receives is dropped, and its destructor runs."),
        );
    }
    world.ready("a", 1);
    world.ready("b", 2);
}

#[test]
fn a_turn_that_is_made_may_use_the_queue() {
    let mut world = World::new(run!());
    world.wait("a");
    world.pending("a", "Nothing was handed over");
    shared(&world.queue);
    let count = panics::expected(|| {
        world.queue.hand_to_all(|| {
            world::joins_the_shared_queue();
            7
        })
    });
    let len = world.queue.len();
    let late = unshare();
    match count {
        Ok(1) => {}
        Ok(count) => world.run.departs(format!(
            "One task waited, and `hand_to_all` returned {count}."
        )),
        Err(panic) => world.run.diagnose(
            "borrowed-while-calling",
            format!(
                "`hand_to_all` called `turn`, and `turn` called `len` and `wait`. That panicked: {}. `turn` is caller-supplied code.",
                panic.message
            ),
        ),
    }
    if len != 1 || late.is_none_or(|(_, served)| served) {
        world.run.departs(format!(
            "One task waited, and `turn` called `wait`: the new waiter stays in the queue. After `hand_to_all`, `len` returned {len}."
        ));
    }
    world.ready("a", 7);
}

#[test]
fn hand_to_all_makes_every_turn_before_it_hands_over_the_first() {
    let mut world = World::new(run!());
    for name in ["a", "b", "c"] {
        world.wait(name);
        world.pending(name, "Nothing was handed over");
    }
    let queue = world.queue.clone();
    let mut lens = Vec::new();
    world.queue.hand_to_all(|| {
        let len = queue.len();
        lens.push(len);
        7
    });
    for len in &lens {
        world
            .run
            .recorder()
            .says("queue", format!("a turn is made: len() → {len}"));
    }
    if lens.iter().any(|len| *len != 3) {
        world.run.departs(format!(
            "Three tasks waited. While their turns were made, `len` returned {lens:?}. Expected: 3 each time, because every turn is made before \
             `hand_to_all` chooses the first waiter."
        ));
    }
}

#[test]
fn a_panic_while_the_turns_are_made_leaves_the_queue_as_it_was() {
    let mut world = World::new(run!());
    for name in ["a", "b"] {
        world.wait(name);
        world.pending(name, "Nothing was handed over");
    }
    let mut made = 0;
    let handed = panics::expected(|| {
        world.queue.hand_to_all(|| {
            made += 1;
            assert!(made < 2, "no second turn can be made");
            7
        })
    });
    let len = world.queue.len();
    world.run.recorder().says(
        "queue",
        format!("the second turn panics while it is made: len() → {len}"),
    );
    if handed.is_ok() {
        world
            .run
            .departs("`turn` panicked inside of `hand_to_all`, and the panic did not continue.");
    }
    if len != 2 {
        world.run.departs(format!(
            "Two tasks waited, and `turn` panicked at its second call. Afterwards `len` returned {len}. Expected: 2, because no turn was handed over."
        ));
    }
    for (name, turn) in [("a", 1), ("b", 2)] {
        world.pending(name, "`turn` panicked, so no turn was handed over");
        world.hands_over(turn);
        world.woken(name);
        world.ready(name, turn);
    }
}

#[test]
fn hand_to_all_wakes_the_oldest_first() {
    let mut world = World::new(run!());
    let names = ["a", "b", "c"];
    for name in names {
        world.wait(name);
        world.pending(name, "Nothing was handed over");
    }
    world.queue.hand_to_all(|| 7);
    let events = world.run.recorder().recording().events;
    let woken: Vec<&str> = events
        .iter()
        .filter(|event| event.what == What::Woken)
        .map(|event| event.track.as_str())
        .collect();
    if woken != names {
        world.run.departs(format!(
            "a, b and c waited, and came in this order. `hand_to_all` woke them in this one: {}.",
            woken.join(", ")
        ));
    }
}

#[test]
fn a_waker_that_panics_keeps_no_turn_from_the_others() {
    let mut world = World::new(run!());
    for name in ["a", "b", "c"] {
        world.wait(name);
        world.pending(name, "Nothing was handed over");
    }
    world
        .poller("a")
        .on_wake(|| panic!("this waker cannot wake"));
    let woken = panics::expected(|| world.queue.hand_to_all(|| 7));
    for name in ["b", "c"] {
        if world.wakes(name) == 0 {
            world
                .run
                .recorder()
                .lacks(name, "is not woken, and nothing will wake it");
            world.run.diagnose(
                "panic-takes-the-rest",
                format!("`hand_to_all` woke a, b and c. The waker of a panicked, and {name} was not woken."),
            );
        }
    }
    if woken.is_ok() {
        world.run.departs(
            "The waker of a panicked inside of `hand_to_all`, and the panic did not continue.",
        );
    }
}

#[test]
fn a_wait_panics_if_it_is_polled_after_ready() {
    let mut world = World::new(run!());
    world.wait("a");
    world.hands_over(1);
    world.ready("a", 1);
    match panics::expected(|| world.poll("a")) {
        Err(_) => {}
        Ok(Poll::Pending) => world.run.diagnose(
            "pending-after-ready",
            "The wait had returned its turn, and a second poll is pending: no turn can come. The contract asks for a panic.",
        ),
        Ok(Poll::Ready(turn)) => world.run.departs(format!(
            "The wait had returned its turn, and a second poll returned {turn}. The contract asks for a panic."
        )),
    }
}

#[test]
fn every_short_run_is_as_expected() {
    Search::of(&ALPHABET)
        .up_to(5)
        .and_random(200, 40, 8)
        .naming(&KNOWN)
        .compare(&run!(), Yours::new, Reference::new);
}

#[test]
fn waits_that_come_and_go_leave_no_memory_in_use() {
    const MANY: isize = 20_000;
    let run = run!();
    let queue: WaitQueue<u32, u32> = WaitQueue::new();
    let dropped = || drop(queue.wait(1));
    let served = || {
        let wait = queue.wait(1);
        let _handed = queue.hand_over(7);
        assert_eq!(wait.now_or_never(), Some(7), "a turn was handed to it");
    };
    let left_by = |come_and_go: &dyn Fn()| {
        let times = |count| (0..count).for_each(|_| come_and_go());
        times(100);
        let before = heap::in_use();
        times(MANY);
        heap::in_use() - before
    };
    let after_service = left_by(&served);
    let older = queue.wait(0);
    for (how, left) in [
        ("were handed a turn and returned it", after_service),
        (
            "waited behind an older one and were dropped",
            left_by(&dropped),
        ),
    ] {
        run.recorder()
            .says("queue", format!("{MANY} {how}: {left} bytes are left"));
        if left > 2 * MANY {
            run.diagnose(
                "never-freed",
                format!("{MANY} waits came and {how}, and {left} bytes are still in use for them."),
            );
        }
    }
    drop(older);
}

#[test]
fn a_hundred_thousand_waiters_are_dropped_in_any_order() {
    const WAITERS: u32 = 100_000;
    let run = run!();
    let queue: WaitQueue<u32, u32> = WaitQueue::new();
    let mut waits: Vec<_> = (0..WAITERS).map(|number| queue.wait(number)).collect();
    run.recorder().says("queue", format!("{WAITERS} wait"));
    let mut random = Random::seeded(8);
    run.risk(
        Some("linear-removal"),
        "100,000 tasks wait, and are dropped in no particular order. That takes too long: the cost of one removal grows with the number of \
         those that wait.",
        || {
            while waits.len() > 2 {
                drop(waits.swap_remove(1 + random.below(waits.len() - 1)));
            }
        },
    );
    expect_left(&run, &queue, &waits.len());
}

#[test]
fn a_waiter_that_comes_while_another_leaves_does_not_take_its_turn() {
    let run = run!();
    let queue: WaitQueue<u32, u32> = WaitQueue::new();
    let first = queue.wait(1);
    let mut leaves = Some(queue.wait(2));
    let mut comes = None;
    let _count = queue.hand_to_all(|| {
        if leaves.take().is_some() {
            comes = Some(queue.wait(3));
            run.recorder()
                .says("turn", "is made: b is dropped, and c waits");
        } else {
            run.recorder().says("turn", "is made");
        }
        7
    });
    run.recorder().says(
        "queue",
        format!("hand_to_all ends: len() → {}", queue.len()),
    );
    if comes.and_then(FutureExt::now_or_never).is_some() {
        run.diagnose(
            "newcomers-served",
            "a and b waited. While `hand_to_all` made the first turn, b was dropped and c came. c was handed a turn, and had not waited when \
             `hand_to_all` was called.",
        );
    }
    if first.now_or_never() != Some(7) {
        run.departs("a and b waited. While `hand_to_all` made the first turn, b was dropped and c came. a was not handed its turn.");
    }
}

fn expect_left(run: &Run, queue: &WaitQueue<u32, u32>, right: &usize) {
    let (len, first) = (queue.len(), queue.first());
    if len != *right || first != Some(0) {
        run.departs(format!(
            "The oldest waiter and one other are left. `len` returned {len}, and `first` {first:?}. Expected: {right}, and Some(0)."
        ));
    }
}
