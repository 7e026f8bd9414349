//! When a worker sleeps, and what wakes it.

use super::SCHEDULES;
use super::world::{
    BUSY, Gate, Queues, give_way, join, next, once, push, pusher, queues, unnamed, worker,
};
use probe::Run;
use probe_model::sync::{Arc, thread};
use probe_model::{Blame, Turn, explore, explore_standstills, explore_turns, falls_asleep};

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

/// More steps than a worker takes from its call of `next` to its sleep.
const STEPS: usize = 26;
