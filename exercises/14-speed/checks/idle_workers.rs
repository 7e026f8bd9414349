//! 14 idle-workers: an entry is queued, and a worker sleeps.

#[path = "idle_workers/machine.rs"]
mod machine;
#[path = "idle_workers/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "idle_workers/sleep.rs"]
mod sleep;

#[path = "idle_workers/moves.rs"]
mod moves;

use super::subject::{RunQueues, SHARED_EVERY};
use probe::{run, snapshot};
use probe_model::Blame;
use world::{ENTRIES, next, once, push, push_own, queues, unnamed};

const ASLEEP: Blame<'static> = Blame {
    mistake: None,
    sentence: "An entry is queued, and `next` does not return: all threads sleep.",
};

const KEPT: Blame<'static> = Blame {
    mistake: Some("half-not-stolen"),
    sentence: "The last entry is in the queue of one worker, and the other worker sleeps in `next`. Half of one entry, rounded up, is one.",
};

#[test]
fn a_worker_takes_its_own_entries_first_and_then_the_shared_ones() {
    let run = once(
        || run!("own_first"),
        ASLEEP,
        |run| {
            let queues = queues(2);
            push(run, &queues, "a");
            push_own(run, &queues, 0, "b");
            push_own(run, &queues, 0, "c");
            let taken = [0, 0, 0].map(|worker| next(run, &queues, worker));
            if taken != [Some("b"), Some("c"), Some("a")] {
                run.departs("Worker 0 has b and then c in its own queue, and a is shared. It must take b, c and a.");
            }
        },
    );
    snapshot!(run);
}

#[test]
fn a_thief_takes_the_older_half() {
    let run = once(
        || run!("half"),
        ASLEEP,
        |run| {
            let queues = queues(2);
            for entry in &ENTRIES[..5] {
                push_own(run, &queues, 0, entry);
            }
            // From here on `next` sleeps no more, and a wrong share shows as a wrong order.
            queues.close();
            let first = next(run, &queues, 1);
            // What worker 1 has stolen is in its own queue, so worker 0 takes the shared entry first.
            push(run, &queues, "f");
            let taken = [0, 0, 0, 1, 1].map(|worker| next(run, &queues, worker));
            if first != Some("a") || taken != ["d", "e", "f", "b", "c"].map(Some) {
                run.diagnose(
                    "half-not-stolen",
                    "Worker 0 had five entries, a to e. Worker 1 steals the older half, rounded up: it returns a, and b and c go to its own \
                     queue. d and e stay with worker 0. Then f is shared.",
                );
            }
        },
    );
    snapshot!(run);
}

#[test]
fn a_single_entry_is_stolen() {
    once(unnamed, KEPT, |run| {
        let queues = queues(3);
        push_own(run, &queues, 0, "a");
        next(run, &queues, 1);
        push_own(run, &queues, 2, "b");
        next(run, &queues, 1);
    });
}

#[test]
fn a_full_queue_of_its_own_keeps_a_worker_from_no_shared_entry() {
    once(unnamed, ASLEEP, |run| {
        let queues = queues(1);
        queues.push("shared");
        queues.push_own(0, "own");
        for call in 1..=2 * SHARED_EVERY {
            let entry = queues.next(0).unwrap_or("None");
            queues.push_own(0, "own");
            if (entry == "shared") != (call == SHARED_EVERY) {
                run.recorder().says(
                    "worker 0",
                    format!("call {call} of next(0) returns {entry}"),
                );
                run.diagnose(
                    "shared-queue-starved",
                    format!(
                        "The queue of worker 0 is never empty, and one entry is in the shared queue. Call {SHARED_EVERY} has to return it. \
                         Call {call} returned the entry {entry}."
                    ),
                );
            }
        }
    });
}

/// In how many interleavings a test with standstills looks. One of fifty shows the mistake.
const SCHEDULES: usize = 300;

/// Queues are used by all threads at once.
#[allow(dead_code)]
fn queues_are_shared(queues: RunQueues<&'static str>) -> impl Send + Sync {
    queues
}
