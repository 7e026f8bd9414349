//! ready-queue: entries in order, from any thread; and whether the taker sleeps.

#[path = "ready_queue/watched.rs"]
mod watched;

// The tests below come first, and then those of these modules, in this order.
#[path = "ready_queue/closed.rs"]
mod closed;

#[path = "ready_queue/unparker.rs"]
mod unparker;

#[path = "ready_queue/threads.rs"]
mod threads;

#[path = "ready_queue/many.rs"]
mod many;

use probe::{run, snapshot};
use probe_model::alone;
use watched::Watched;

#[test]
fn a_batch_holds_every_entry_oldest_first() {
    let run = alone(
        || run!("oldest_first"),
        |run| {
            let watched = Watched::whose_unparker(run, || ());
            for entry in [1, 2, 3] {
                watched.push(entry);
            }
            let batch = watched.take();
            match batch[..] {
                [1, 2, 3] => {}
                [3, 2, 1] => run.diagnose(
                    "lifo-starvation",
                    "1, 2 and 3 were pushed, and 3 came out first. In this order a task that wakes itself runs before all others, \
                     and the oldest entry never gets a turn.",
                ),
                [_] => run.departs("Three entries were pushed, and the batch has one. A batch is everything that is in the queue."),
                [] => run.departs("Three entries were pushed, and the batch is empty."),
                _ => run.departs(format!("1, 2 and 3 were pushed in this order, and the batch is {batch:?}.")),
            }
            let again = watched.take();
            if !again.is_empty() {
                run.departs(format!(
                    "All entries had been taken, and a second batch has {again:?} in it."
                ));
            }
        },
    );
    snapshot!(run);
}

#[test]
fn take_batch_appends_to_the_vector_it_is_given() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.push(2);
            let mut batch = vec![1];
            watched.take_into(&mut batch);
            match batch[..] {
                [1, 2] => {}
                [2] => run.diagnose(
                    "batch-overwritten",
                    "The vector had 1 in it, and after `take_batch` the 1 is gone. The batch belongs behind what the vector holds.",
                ),
                [1] => run.departs("The vector had 1 in it, 2 was in the queue, and `take_batch` did not append the 2."),
                _ => run.departs(format!("The vector had 1 in it, 2 was in the queue, and after `take_batch` the vector is {batch:?}.")),
            }
            let left = watched.take();
            if !left.is_empty() {
                run.diagnose(
                    "batch-overwritten",
                    format!(
                        "{left:?} came out of the queue, and was never pushed: it was in the vector that the batch was taken into. Your \
                         code swaps the two vectors although one is not empty."
                    ),
                );
            }
        },
    );
}

#[test]
fn is_empty_is_true_exactly_while_no_entry_is_in_the_queue() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            let mut seen = vec![watched.queue.is_empty()];
            watched.push(1);
            seen.push(watched.queue.is_empty());
            watched.push(2);
            watched.take();
            seen.push(watched.queue.is_empty());
            watched.push(3);
            seen.push(watched.queue.is_empty());
            watched.close();
            seen.push(watched.queue.is_empty());
            if seen != [true, false, true, false, true] {
                run.departs(format!(
                    "`is_empty` returned {seen:?} for: a new queue, after a push, after a batch was taken, after a push, after \
                     `close`. Expected: [true, false, true, false, true]."
                ));
            }
        },
    );
}

#[test]
fn a_push_does_not_call_the_unparker_while_the_taker_is_awake() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.push(1);
            watched.push(2);
            watched.refuse_rings(
                run,
                0,
                "The taker is awake: it has never called `fall_asleep`.",
            );
        },
    );
}

#[test]
fn a_push_calls_the_unparker_if_the_taker_sleeps() {
    let run = alone(
        || run!("the_sleep_ends"),
        |run| {
            let watched = Watched::new(run);
            watched.must_fall_asleep(run);
            watched.push(1);
            watched.must_have_rung(run);
            watched.wake_up();
            watched.take();
            watched.must_fall_asleep(run);
            watched.push(2);
            watched.refuse_rings(
                run,
                2,
                "The taker fell asleep twice, and one entry was pushed each time.",
            );
            if watched.rings() < 2 {
                run.departs(
                    "The taker fell asleep twice, and only the first push called the unparker.",
                );
            }
        },
    );
    snapshot!(run);
}

#[test]
fn of_several_pushes_only_the_first_calls_the_unparker() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.must_fall_asleep(run);
            for entry in [1, 2, 3] {
                watched.push(entry);
                watched.must_have_rung(run);
            }
            watched.refuse_rings(
                run,
                1,
                "The first push ended the sleep. From then on the taker counts as awake.",
            );
        },
    );
}

#[test]
fn the_taker_may_not_sleep_while_an_entry_is_in_the_queue() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.push(1);
            if watched.fall_asleep() {
                run.diagnose(
                    "slept-with-work",
                    "1 was in the queue, and `fall_asleep` returned true. No push is left that would wake the taker for it.",
                );
            }
            watched.push(2);
            watched.refuse_rings(
                run,
                0,
                "`fall_asleep` had returned false, so the taker is awake. Your code noted it as asleep.",
            );
            watched.take();
            watched.must_fall_asleep(run);
        },
    );
}

#[test]
fn after_wake_up_the_taker_counts_as_awake() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.must_fall_asleep(run);
            watched.wake_up();
            watched.push(1);
            watched.refuse_rings(
                run,
                0,
                "The taker had called `wake_up` before the entry was pushed.",
            );
        },
    );
}
