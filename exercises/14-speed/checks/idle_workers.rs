//! 14 idle-workers: an entry is queued, and a worker sleeps.

use std::collections::BTreeMap;

use super::subject::{RunQueues, SHARED_EVERY};
use machine::{Reference, Step, Yours};
use probe::runs::Search;
use probe::{run, snapshot};
use probe_model::sync::{Arc, thread};
use probe_model::{Blame, compare, explore, explore_standstills, falls_asleep};
use world::{
    BUSY, ENTRIES, Gate, Queues, give_way, join, next, once, push, push_own, queues, unnamed,
    worker,
};

#[path = "idle_workers/machine.rs"]
mod machine;
#[path = "idle_workers/world.rs"]
mod world;

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

#[test]
fn a_worker_sleeps_while_all_queues_are_empty() {
    let returned = Blame {
        mistake: None,
        sentence: "All queues are empty and open, and `next` returned.",
    };
    falls_asleep(unnamed, BUSY, returned, |run| {
        let queues = queues(2);
        next(run, &queues, 0);
    });
}

#[test]
fn a_push_wakes_a_worker_that_sleeps() {
    const UNWOKEN: Blame<'static> = Blame {
        mistake: Some("pushed-without-a-wake"),
        sentence: "A worker slept in `next` when the entry was pushed, and it sleeps still.",
    };
    let pushes: [fn(&Queues); 2] = [|queues| queues.push("a"), |queues| queues.push_own(1, "a")];
    for push in pushes {
        once(unnamed, UNWOKEN, move |run| {
            let queues = queues(2);
            let sleeper = worker(run, &queues, 0, &Gate::for_entries(1));
            give_way();
            run.recorder().says("another thread", "pushes a");
            push(&queues);
            join([sleeper]);
        });
    }
}

#[test]
fn closed_queues_return_what_is_left_and_then_none() {
    const UNWOKEN: Blame<'static> = Blame {
        mistake: Some("closed-without-a-wake"),
        sentence: "The queues are closed and empty, and a worker sleeps in `next`: its thread never ends.",
    };
    once(unnamed, UNWOKEN, |run| {
        let queues = queues(3);
        let sleepers = [1, 2].map(|number| {
            let (run, queues) = (run.clone(), Arc::clone(&queues));
            thread::spawn(move || while next(&run, &queues, number).is_some() {})
        });
        give_way();
        run.recorder().says("another thread", "close()");
        queues.close();
        join(sleepers);
        push(run, &queues, "a");
        let taken = [0, 0].map(|worker| next(run, &queues, worker));
        if taken != [Some("a"), None] {
            run.departs(
                "a was queued, and the queues are closed. `next` must return a and then `None`.",
            );
        }
    });
}

#[test]
fn an_entry_is_not_missed_while_the_worker_goes_to_sleep() {
    const MISSED: Blame<'static> = Blame {
        mistake: Some("slept-with-work"),
        sentence: "The worker looked into the queue, the entry was pushed, and then the worker went to sleep. The push found no worker \
                   asleep, and woke none.",
    };
    explore(unnamed, MISSED, BUSY, |run| {
        let queues = queues(1);
        let sleeper = worker(run, &queues, 0, &Gate::for_entries(1));
        push(run, &queues, "a");
        join([sleeper]);
    });
}

#[test]
fn two_entries_that_are_pushed_wake_two_workers() {
    const LOST: Blame<'static> = Blame {
        mistake: None,
        sentence: "Two entries were pushed, and two workers are there. One runs an entry, and the other sleeps with the second entry in the \
                   queue.",
    };
    explore_standstills(SCHEDULES, 3, unnamed, LOST, BUSY, |run| {
        let queues = queues(2);
        let gate = Gate::for_entries(2);
        let workers = [0, 1].map(|number| worker(run, &queues, number, &gate));
        push(run, &queues, "a");
        push(run, &queues, "b");
        join(workers);
    });
}

#[test]
fn three_entries_of_one_worker_are_run_by_three_workers() {
    const LOST: Blame<'static> = Blame {
        mistake: Some("stolen-and-lost"),
        sentence: "Worker 0 had three entries, and three workers take one each. Two entries run. The third is in the queue of the worker that \
                   has stolen it, and a worker sleeps. That worker found all queues empty: when did it look into each?",
    };
    explore_standstills(SCHEDULES, 1, unnamed, LOST, BUSY, |run| {
        let queues = queues(3);
        let gate = Gate::for_entries(3);
        for entry in &ENTRIES[..3] {
            push_own(run, &queues, 0, entry);
        }
        let workers = [0, 1, 2].map(|number| worker(run, &queues, number, &gate));
        join(workers);
    });
}

#[test]
fn five_entries_of_one_worker_are_run_by_five_workers() {
    const LOST: Blame<'static> = Blame {
        mistake: Some("woke-only-one"),
        sentence: "Worker 0 had five entries, and five workers take one each. A thief moved two of them to its own queue, and two workers had \
                   gone to sleep meanwhile. One of the two was woken, and the other sleeps with an entry in a queue.",
    };
    explore_standstills(SCHEDULES, 1, unnamed, LOST, BUSY, |run| {
        let queues = queues(5);
        let gate = Gate::for_entries(5);
        for entry in &ENTRIES[..5] {
            push_own(run, &queues, 0, entry);
        }
        let workers = [0, 1, 2, 3, 4].map(|number| worker(run, &queues, number, &gate));
        join(workers);
    });
}

#[test]
fn each_entry_is_returned_once() {
    explore(unnamed, ASLEEP, BUSY, |run| {
        let queues = queues(3);
        push_own(run, &queues, 0, "a");
        push_own(run, &queues, 0, "b");
        let workers = [0, 1, 2].map(|number| {
            let (run, queues) = (run.clone(), Arc::clone(&queues));
            let taken = Arc::new(std::sync::Mutex::new(Vec::new()));
            let noted = Arc::clone(&taken);
            let thread = thread::spawn(move || {
                if number == 0 {
                    push_own(&run, &queues, 0, "c");
                }
                while let Some(entry) = next(&run, &queues, number) {
                    noted.lock().unwrap().push(entry);
                }
            });
            (thread, taken)
        });
        for entry in &ENTRIES[3..] {
            push(run, &queues, entry);
        }
        queues.close();
        let mut times = BTreeMap::from(ENTRIES.map(|entry| (entry, 0)));
        for (thread, taken) in workers {
            join([thread]);
            for entry in taken.lock().unwrap().iter() {
                *times.entry(*entry).or_default() += 1;
            }
        }
        for (entry, times) in times {
            if times != 1 {
                run.departs(format!(
                    "The entry {entry} was pushed once, and returned {times} times."
                ));
            }
        }
    });
}

#[test]
fn every_short_run_is_as_expected() {
    let mut alphabet = vec![Step::Push, Step::Close];
    for worker in 0..3 {
        alphabet.extend([Step::PushOwn(worker), Step::Next(worker)]);
    }
    let search = Search::of(&alphabet).up_to(4).and_random(40, 24, 14);
    compare(search, unnamed, Yours::new, Reference::new);
}

/// In how many interleavings a test with standstills looks. One of fifty shows the mistake.
const SCHEDULES: usize = 300;

/// Queues are used by all threads at once.
#[allow(dead_code)]
fn queues_are_shared(queues: RunQueues<&'static str>) -> impl Send + Sync {
    queues
}
