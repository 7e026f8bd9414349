//! lifo-slot: a queue with one place for the entry that runs next.

use super::subject::BOUND;
use probe::runs::Search;
use probe::{run, snapshot};

#[path = "lifo_slot/machine.rs"]
mod machine;
#[path = "lifo_slot/world.rs"]
mod world;

use machine::{ALPHABET, Reference, Yours};
use world::World;

#[test]
fn entries_leave_the_queue_in_the_order_in_which_they_came() {
    let mut world = World::new(run!());
    for name in ["a", "b", "c"] {
        world.push(name);
    }
    if let Some(entry) = world.take_next() {
        world.run.diagnose(
            "next-from-the-queue",
            format!("Nothing was put into the slot, and `take_next` returned \"{entry}\", which is in the queue. Expected: None. The queue's entries run when the next iteration takes its batch."),
        );
    }
    let batch = world.take_batch();
    if batch == ["c", "b", "a"] {
        world.run.diagnose(
            "newest-first",
            "a, b and c were pushed, in this order, and the batch has c first. The loop runs a batch from its front.",
        );
    }
    world.expects_batch(&batch, &["a", "b", "c"]);
    let again = world.take_batch();
    world.expects_batch(&again, &[]);
}

#[test]
fn the_entry_in_the_slot_runs_next() {
    let mut world = World::new(run!("next"));
    world.push("waiting");
    world.push_next("woken");
    world.expects_next("woken");
    world.expects_no_next("The slot is empty");
    let batch = world.take_batch();
    world.expects_batch(&batch, &["waiting"]);
    snapshot!(world.run);
}

#[test]
fn the_loop_does_not_sleep_while_the_slot_has_an_entry() {
    let mut world = World::new(run!());
    world.is_empty(true);
    world.push_next("woken");
    if world.queue.is_empty() {
        world.run.recorder().says("queue", "is_empty() → true");
        world.run.diagnose(
            "sleeps-on-the-slot",
            "An entry is in the slot, and `is_empty` returned true. The loop goes to sleep, and the task that was woken does not run.",
        );
    }
    world.expects_next("woken");
    world.is_empty(true);
}

#[test]
fn an_older_entry_of_the_slot_goes_to_the_back() {
    let mut world = World::new(run!("displaced"));
    world.push("waiting");
    world.push_next("older");
    world.push_next("newer");
    let next = world.take_next();
    if next.as_deref() == Some("older") {
        world.run.diagnose(
            "slot-is-a-queue",
            "\"older\" and then \"newer\" were put into the slot, and \"older\" came out. The slot holds the latest entry: its data is the one in the cache.",
        );
    }
    if next.as_deref() != Some("newer") {
        world.departs_next(next.as_deref(), Some("newer"));
    }
    let second = world.take_next();
    if second.as_deref() == Some("older") {
        world.run.departs(
            "\"older\" and then \"newer\" were put into the slot, and both came out of it before \"waiting\", which came first. The slot holds one entry; an older one goes to the back of the queue.",
        );
    }
    let batch = world.take_batch();
    refuse_lost(
        &world,
        &batch,
        "older",
        "displaced-and-lost",
        "\"newer\" took its place in the slot",
    );
    refuse_ahead(
        &world,
        &batch,
        "older",
        "\"newer\" took its place in the slot",
    );
    world.expects_batch(&batch, &["waiting", "older"]);
    snapshot!(world.run);
}

#[test]
fn after_three_in_a_row_the_next_entry_waits_behind_the_others() {
    let mut world = World::new(run!("bound"));
    world.push("waiting");
    for _ in 0..BOUND {
        world.push_next("ping");
        world.expects_next("ping");
    }
    world.push_next("fourth");
    for more in 0.. {
        if world.take_next().is_none() {
            if (1..=2).contains(&more) {
                world.run.diagnose(
                    "limit-plus-one",
                    format!("{} entries in a row came out of the slot before `take_next` returned None. Expected: {BOUND} at most.", BOUND + more),
                );
            }
            break;
        }
        if more == 20 {
            world.run.diagnose(
                "lifo-without-bound",
                format!("Two tasks wake each other, and {} entries in a row came out of the slot. \"waiting\" has been in the queue all the time, and does not run.", BOUND + more),
            );
        }
        world.push_next("fourth");
    }
    if world.take_next().is_some() {
        world.run.diagnose(
            "stays-in-the-slot",
            "Three entries in a row had come out of the slot, and `take_next` returned None. The fourth entry stayed in the slot, so the next call returned it, before \"waiting\".",
        );
    }
    let batch = world.take_batch();
    refuse_lost(
        &world,
        &batch,
        "fourth",
        "fourth-entry-lost",
        "three had come out in a row",
    );
    refuse_ahead(&world, &batch, "fourth", "three had come out in a row");
    world.expects_batch(&batch, &["waiting", "fourth"]);
    world.is_empty(true);
    snapshot!(world.run);
}

#[test]
fn each_none_ends_the_row() {
    // The row ends because the slot is empty, or because the bound is reached.
    for taken in 0..=BOUND {
        let mut world = World::new(run!());
        for _ in 0..taken {
            world.push_next("a");
            world.expects_next("a");
        }
        world.expects_no_next("The slot is empty");
        for place in 1..=BOUND {
            world.push_next("b");
            if world.take_next().is_none() {
                world.run.recorder().lacks("loop", "does not run b");
                world.run.diagnose(
                    "row-never-ends",
                    format!("After {taken} entries in a row `take_next` returned None, which ends the row. Then it refused entry {place} of the next row."),
                );
            }
        }
    }
}

#[test]
fn only_none_ends_the_row() {
    let mut world = World::new(run!());
    for _ in 0..BOUND {
        world.push_next("ping");
        world.expects_next("ping");
        world.push("another");
        let _batch = world.take_batch();
    }
    world.push_next("fourth");
    if world.take_next().is_some() {
        world.run.diagnose(
            "row-ended-early",
            "Three entries in a row came out of the slot, with a `push` and a `take_batch` between them, and then a fourth one. Only a `None` of `take_next` ends the row.",
        );
    }
}

#[test]
fn a_batch_has_the_entry_of_the_slot_as_well() {
    let mut world = World::new(run!());
    world.push_next("woken");
    world.push("pushed");
    let batch = world.take_batch();
    refuse_lost(
        &world,
        &batch,
        "woken",
        "slot-left-behind",
        "the iteration began with `take_batch`",
    );
    if batch == ["woken", "pushed"] {
        world.run.diagnose(
            "slot-first-in-batch",
            "\"pushed\" was in the queue, and \"woken\" in the slot, when the iteration began. The batch has \"woken\" first. Expected: the queue's entries, oldest first, and then that of the slot.",
        );
    }
    world.expects_batch(&batch, &["pushed", "woken"]);
    world.expects_no_next("The batch has taken the entry of the slot");
}

#[test]
fn a_batch_keeps_what_it_holds() {
    let mut world = World::new(run!());
    world.push("a");
    world.push_next("b");
    let mut batch = vec!["first".to_owned()];
    world.queue.take_batch(&mut batch);
    world
        .run
        .recorder()
        .says("queue", format!("take_batch([first]) → {batch:?}"));
    if !batch.contains(&"first".to_owned()) {
        world.run.diagnose(
            "batch-cleared",
            "The batch held \"first\", which another queue had put there, and `take_batch` has removed it. `take_batch` appends.",
        );
    }
    world.expects_batch(&batch, &["first", "a", "b"]);
    if !world.queue.is_empty() {
        world
            .run
            .departs("`take_batch` has moved every entry, and `is_empty` returned false.");
    }
}

#[test]
fn a_batch_has_every_entry_of_a_long_queue() {
    let run = run!();
    let mut queue = super::subject::RunQueue::new();
    for length in [300, 70_000_usize] {
        (0..length).for_each(|entry| queue.push(entry));
        queue.push_next(length);
        let mut batch = Vec::new();
        queue.take_batch(&mut batch);
        if batch.len() <= length {
            run.diagnose(
                "batch-cut-short",
                format!(
                    "The queue had {length} entries, and the slot one. The batch has {}.",
                    batch.len()
                ),
            );
        }
        if !batch.into_iter().eq(0..=length) || !queue.is_empty() {
            run.departs(format!("The queue had {length} entries, and the slot one. Expected: all of them are in the batch, oldest first, and the queue is empty."));
        }
    }
}

#[test]
fn every_short_run_is_as_in_the_contract() {
    let run = run!();
    Search::of(&ALPHABET)
        .up_to(6)
        .and_random(200, 40, 14)
        .compare(&run, Yours::new, Reference::new);
}

/// An entry is neither in the batch nor comes out later.
#[track_caller]
fn refuse_lost(world: &World, batch: &[String], name: &str, code: &'static str, when: &str) {
    if batch.iter().any(|entry| entry == name) {
        return;
    }
    world
        .run
        .recorder()
        .lacks("loop", format!("does not run {name}"));
    world.run.diagnose(
        code,
        format!("\"{name}\" was in the slot when {when}. The batch is {batch:?}: \"{name}\" is not in it, and its task does not run."),
    );
}

/// An entry is in the batch before one that came earlier.
#[track_caller]
fn refuse_ahead(world: &World, batch: &[String], name: &str, when: &str) {
    if batch.first().is_some_and(|entry| entry == name) {
        world.run.diagnose(
            "jumps-the-queue",
            format!("\"{name}\" was in the slot when {when}. It went to the front of the queue, before \"waiting\", which has waited longer."),
        );
    }
}

/// The run of a world.
impl World {
    #[track_caller]
    fn is_empty(&self, right: bool) {
        let is_empty = self.queue.is_empty();
        self.run
            .recorder()
            .says("queue", format!("is_empty() → {is_empty}"));
        if is_empty != right {
            self.run.departs(format!(
                "`is_empty` returned {is_empty}. Expected: {right}."
            ));
        }
    }
}
