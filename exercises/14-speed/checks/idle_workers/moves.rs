//! Entries that thieves move to their own queues while others look; and every short run.

use std::collections::BTreeMap;

use super::machine::{Reference, Step, Yours};
use super::world::{BUSY, ENTRIES, Gate, join, next, push, push_own, queues, unnamed, worker};
use super::{ASLEEP, SCHEDULES};
use probe::runs::Search;
use probe_model::sync::{Arc, thread};
use probe_model::{Blame, Turn, compare, explore, explore_standstills, explore_turns};

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
