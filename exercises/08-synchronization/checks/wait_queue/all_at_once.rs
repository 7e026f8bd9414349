//! A turn for every task that waits.

use super::world::{Newcomer, World};
use probe::{What, panics, run};

#[test]
fn hand_to_all_serves_those_that_wait_now_and_no_later_one() {
    let mut world = World::new(run!());
    for name in ["a", "b"] {
        world.wait(name);
        world.pending(name, "Nothing was handed over");
    }
    let newcomer = Newcomer::default();
    let (joins, queue) = (newcomer.clone(), world.queue.clone());
    world.poller("a").on_wake_local(move || joins.joins(&queue));
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
    world
        .run
        .recorder()
        .says("queue", format!("hand_to_all → {count}, {made} turns made"));
    let (before, served) = newcomer.came_to().unwrap_or_default();
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
    let newcomer = Newcomer::default();
    let count = panics::expected(|| {
        world.queue.hand_to_all(|| {
            newcomer.joins(&world.queue);
            7
        })
    });
    let len = world.queue.len();
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
    if len != 1 || newcomer.came_to().is_none_or(|(_, served)| served) {
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
