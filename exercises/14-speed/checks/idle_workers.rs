//! 14 idle-workers: an entry is queued, and a worker sleeps.

use std::collections::BTreeMap;

use super::subject::{RunQueues, SHARED_EVERY};
use machine::{Reference, Step, Yours};
use probe::runs::Search;
use probe::{Run, run, snapshot};
use probe_model::sync::{Arc, thread};
use probe_model::{
    Blame, Turn, compare, explore, explore_standstills, explore_turns, falls_asleep,
};
use world::{
    BUSY, ENTRIES, Gate, Queues, give_way, join, next, once, push, push_own, pusher, queues,
    unnamed, worker,
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
        sentence: "The entry was pushed while the worker went to sleep, after its look into the queue. The push is done, and the worker \
                   sleeps with the entry in the queue.",
    };
    let body = |run: &Run| {
        let queues = queues(1);
        let sleeper = worker(run, &queues, 0, &Gate::for_entries(1));
        join([sleeper, pusher(run, &queues, "a")]);
    };
    let one_stops = |stops, other| {
        (0..STEPS).map(move |steps| {
            vec![
                Turn::all(0),
                Turn::of(stops, steps),
                Turn::all(other),
                Turn::all(stops),
            ]
        })
    };
    explore_turns(one_stops(1, 2), unnamed, MISSED, BUSY, body);
    const BEFORE_THE_PUSH: Blame<'static> = Blame {
        mistake: None,
        sentence: "The worker went to sleep while the push was under way. The push is done, and the worker sleeps with the entry in the \
                   queue.",
    };
    explore_turns(one_stops(2, 1), unnamed, BEFORE_THE_PUSH, BUSY, body);
    explore(unnamed, MISSED, BUSY, body);
}

#[test]
fn two_pushes_wake_two_workers_that_sleep() {
    const ONE: Blame<'static> = Blame {
        mistake: Some("two-pushes-one-wake"),
        sentence: "Two workers slept in `next`. Two entries were pushed, the second one before the woken worker had run. That worker runs an \
                   entry, and the other sleeps with the second entry in the queue.",
    };
    let turns = [Turn::all(0), Turn::all(1), Turn::all(2), Turn::all(3)];
    explore_turns([turns.to_vec()], unnamed, ONE, BUSY, two_workers);
}

#[test]
fn a_wake_for_a_worker_that_is_awake_goes_to_one_that_sleeps() {
    const KEPT: Blame<'static> = Blame {
        mistake: Some("wake-not-passed-on"),
        sentence: "A worker found the first entry in its last look before the sleep. The push of the second entry woke this worker, which did \
                   not sleep. The other worker sleeps with the second entry in the queue.",
    };
    let mut interleavings = Vec::new();
    // With two workers the stub takes 11 steps to the end of its first look, 2 for the announcement, and 7 to the shared queue.
    for looked in 8..16 {
        for announced in 1..4 {
            for found in 4..14 {
                interleavings.push(vec![
                    Turn::all(0),
                    Turn::of(1, looked),
                    Turn::of(2, looked),
                    Turn::all(3),
                    Turn::of(1, announced),
                    Turn::of(2, found),
                    Turn::all(1),
                    Turn::all(4),
                    Turn::all(2),
                ]);
            }
        }
    }
    explore_turns(interleavings, unnamed, KEPT, BUSY, |run| {
        let queues = queues(2);
        let gate = Gate::for_entries(2);
        let [one, other] = [0, 1].map(|number| worker(run, &queues, number, &gate));
        let pushes = ["a", "b"].map(|entry| pusher(run, &queues, entry));
        join([one, other].into_iter().chain(pushes));
    });
}

#[test]
fn a_worker_that_is_busy_is_not_woken_in_the_place_of_one_that_sleeps() {
    const BUSY_ONE: Blame<'static> = Blame {
        mistake: None,
        sentence: "Three entries were pushed, and three workers are there. Two of them run an entry, and the third sleeps with an entry in the \
                   queue.",
    };
    let interleavings = (0..STEPS).map(|looked| {
        let mut turns = vec![
            Turn::all(0),
            Turn::all(2),
            Turn::all(3),
            Turn::of(1, looked),
        ];
        turns.extend([4, 1, 3, 5, 6].map(Turn::all));
        turns
    });
    explore_turns(interleavings, unnamed, BUSY_ONE, BUSY, |run| {
        let queues = queues(3);
        let gate = Gate::for_entries(3);
        let workers = [0, 1, 2].map(|number| worker(run, &queues, number, &gate));
        let pushes = ["a", "b", "c"].map(|entry| pusher(run, &queues, entry));
        join(workers.into_iter().chain(pushes));
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

/// Two workers, and a thread that pushes two entries.
fn two_workers(run: &Run) {
    let queues = queues(2);
    let gate = Gate::for_entries(2);
    let [one, other] = [0, 1].map(|number| worker(run, &queues, number, &gate));
    let (run, queues) = (run.clone(), Arc::clone(&queues));
    let pushes = thread::spawn(move || {
        push(&run, &queues, "a");
        push(&run, &queues, "b");
    });
    join([one, other, pushes]);
}

#[test]
fn a_worker_that_looks_while_entries_move_finds_one_of_them() {
    const LOST: Blame<'static> = Blame {
        mistake: Some("stolen-and-lost"),
        sentence: "Worker 0 pushed three entries. Worker 2 stole two of them, and runs one. Worker 0 runs its last one. The third is in the \
                   queue of worker 2, and worker 1 sleeps. It had looked into the queues one after the other: into which of them before the \
                   entries moved, and into which after that?",
    };
    let mut interleavings = Vec::new();
    // With three workers the stub takes 15 steps to the end of its first look, and 10 to the middle of its second one.
    for first in 8..20 {
        for second in 5..16 {
            interleavings.push(vec![
                Turn::all(0),
                Turn::of(1, first),
                Turn::all(2),
                Turn::of(1, second),
                Turn::all(3),
                Turn::all(2),
                Turn::all(1),
            ]);
        }
    }
    explore_turns(interleavings, unnamed, LOST, BUSY, |run| {
        let queues = queues(3);
        let (gate, stolen) = (Gate::for_entries(3), Gate::for_entries(2));
        let looks = worker(run, &queues, 1, &gate);
        let owner = {
            let (run, queues) = (run.clone(), Arc::clone(&queues));
            let (gate, stolen) = (gate.clone(), stolen.clone());
            thread::spawn(move || {
                for entry in &ENTRIES[..3] {
                    push_own(&run, &queues, 0, entry);
                }
                stolen.begin();
                next(&run, &queues, 0);
                gate.begin();
            })
        };
        let thief = {
            let (run, queues) = (run.clone(), Arc::clone(&queues));
            thread::spawn(move || {
                next(&run, &queues, 2);
                stolen.begin();
                gate.begin();
            })
        };
        join([looks, owner, thief]);
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

/// More steps than a worker takes from its call of `next` to its sleep.
const STEPS: usize = 26;

/// In how many interleavings a test with standstills looks. One of fifty shows the mistake.
const SCHEDULES: usize = 300;

/// Queues are used by all threads at once.
#[allow(dead_code)]
fn queues_are_shared(queues: RunQueues<&'static str>) -> impl Send + Sync {
    queues
}
