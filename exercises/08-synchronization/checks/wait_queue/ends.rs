//! Panics, memory, and large numbers of tasks.

use std::task::Poll;

use super::super::subject::WaitQueue;
use super::machine::{ALPHABET, KNOWN, Reference, Yours};
use super::world::World;
use futures::FutureExt;
use probe::random::Random;
use probe::runs::Search;
use probe::{Run, panics, run};
use probe_io::heap;

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
