//! Many tasks, and what they cost; threads that wait and wake.

use std::sync::Arc;
use std::task::Waker;
use std::thread;

use super::world::World;
use probe::{Recorder, run};
use probe_futures::poller;
use probe_io::heap;

#[test]
fn many_tasks_are_all_woken_and_counted() {
    let world = World::new(run!());
    for tasks in [300, 70_000] {
        for _ in 0..tasks {
            world.signal.wait(Waker::noop().clone());
        }
        let count = world.signal.wake_all();
        if count != tasks && (count == tasks % 0x1_0000 || count == tasks % 0x100) {
            world.run.diagnose(
                "count-wraps",
                format!("{tasks} tasks waited, and `wake_all` returned {count}: the count has too few bits."),
            );
        }
        world.expects(count, tasks);
    }
}

#[test]
fn tasks_that_wait_and_are_woken_again_and_again_cost_no_allocation() {
    // More than the spare list of an implementation may keep.
    const TASKS: usize = 5_000;
    let world = World::new(run!());
    let task = poller(&Recorder::default(), "task");
    let round = || {
        for _ in 0..TASKS {
            world.signal.wait(task.waker());
        }
        world.signal.wake_all()
    };
    for _ in 0..3 {
        round();
    }
    let before = heap::allocations();
    for _ in 0..3 {
        world.expects(round(), TASKS);
    }
    let allocations = heap::allocations() - before;
    // The recorder of the test's own wakers takes part of them.
    let own = own_allocations(TASKS * 3);
    if allocations > own {
        world.run.diagnose(
            "allocates-each-round",
            format!(
                "{TASKS} tasks waited and were woken, six times. In the last three rounds `wait` and `wake_all` allocated {} times. The list of one round leaves no memory to the next.",
                allocations - own
            ),
        );
    }
}

/// How often this many wakers of a poller allocate by themselves.
fn own_allocations(wakers: usize) -> usize {
    let task = poller(&Recorder::default(), "task");
    for _ in 0..wakers {
        task.waker().wake();
    }
    let before = heap::allocations();
    for _ in 0..wakers {
        task.waker().wake();
    }
    heap::allocations() - before
}

#[test]
fn threads_that_wait_and_wake_lose_no_task() {
    const TIMES: usize = 200;
    let world = World::new(run!());
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let signal = Arc::clone(&world.signal);
            thread::spawn(move || {
                let rounds = (0..TIMES).map(|_| {
                    signal.wait(Waker::noop().clone());
                    signal.wake_all()
                });
                rounds.sum::<usize>()
            })
        })
        .collect();
    let mut woken = 0;
    for thread in threads {
        woken += thread.join().expect("the threads only call the signal");
    }
    woken += world.signal.wake_all();
    if woken != 3 * TIMES {
        world.run.departs(format!(
            "Three threads called `wait` {} times in all, and `wake_all` after each. The counts that `wake_all` returned come to {woken}.",
            3 * TIMES
        ));
    }
}
