//! Memory, and a hundred thousand tasks.

use std::future::Future;
use std::task::{Context, Poll, Waker};

use super::super::subject::Semaphore;
use probe::{leaks, run};
use probe_io::heap;

/// How many semaphores are made and dropped, one after the other.
const SEMAPHORES: isize = 2_000;

const TASKS: usize = 100_000;

#[test]
fn tasks_that_come_and_go_leave_no_memory_in_use() {
    let semaphore = Semaphore::new(1);
    let permit = semaphore.try_acquire();
    leaks::nothing_is_kept(
        &run!(),
        "semaphore",
        "tasks waited and were dropped",
        || {
            let mut acquire = Box::pin(semaphore.acquire());
            let _pending = (acquire.as_mut()).poll(&mut Context::from_waker(Waker::noop()));
        },
    );
    drop(permit);
}

#[test]
fn a_hundred_thousand_tasks_are_served_in_order() {
    let run = run!();
    let semaphore = Semaphore::new(1);
    let mut context = Context::from_waker(Waker::noop());
    let sentence = "100,000 tasks wait for one permit and pass it on. Each of them has to cost the same, however many wait.";
    let served = run.risk(None, sentence, || {
        let mut first = Box::pin(semaphore.acquire());
        let permit = first.as_mut().poll(&mut context);
        let mut tasks: Vec<_> = (0..TASKS)
            .map(|_| {
                let mut acquire = Box::pin(semaphore.acquire());
                let _pending = acquire.as_mut().poll(&mut context);
                acquire
            })
            .collect();
        drop(permit);
        let polled = tasks
            .iter_mut()
            .map(|task| task.as_mut().poll(&mut context));
        polled.take_while(Poll::is_ready).count()
    });
    if served != TASKS {
        run.departs(format!(
            "100,000 tasks wait for one permit. Each is polled in its order and drops the permit. Number {} is pending.",
            served + 1
        ));
    }
}

#[test]
fn a_semaphore_that_is_dropped_leaves_no_memory_in_use() {
    let run = run!();
    let polled = |semaphore: &Semaphore| {
        // A poller would keep what it has seen.
        let mut context = Context::from_waker(Waker::noop());
        let mut acquire = Box::pin(semaphore.acquire());
        let _pending = acquire.as_mut().poll(&mut context).map(drop);
        acquire
    };
    type Use<'a> = (&'static str, &'a dyn Fn(&Semaphore));
    let uses: [Use<'_>; 6] = [
        ("a permit was dropped", &|semaphore| {
            drop(semaphore.try_acquire());
        }),
        ("a permit was forgotten", &|semaphore| {
            semaphore
                .try_acquire()
                .into_iter()
                .for_each(|permit| permit.forget());
        }),
        ("a future that waited was dropped", &|semaphore| {
            let _permit = semaphore.try_acquire();
            drop(polled(semaphore));
        }),
        ("a future was handed its permit and dropped", &|semaphore| {
            let permit = semaphore.try_acquire();
            let acquire = polled(semaphore);
            drop(permit);
            drop(acquire);
        }),
        (
            "a future was refused by `close` and dropped",
            &|semaphore| {
                let _permit = semaphore.try_acquire();
                let acquire = polled(semaphore);
                semaphore.close();
                drop(acquire);
            },
        ),
        ("a future outlived the semaphore", &|semaphore| {
            let semaphore = semaphore.clone();
            let permit = semaphore.try_acquire();
            let acquire = polled(&semaphore);
            drop(semaphore);
            drop(permit);
            drop(acquire);
        }),
    ];
    for (what, use_it) in uses {
        let times = |count| (0..count).for_each(|_| use_it(&Semaphore::new(1)));
        times(100);
        let before = heap::in_use();
        times(SEMAPHORES);
        let left = heap::in_use() - before;
        run.recorder().says(
            "semaphore",
            format!("{what}, {SEMAPHORES} times with a new one: {left} bytes are left"),
        );
        if left > 2 * SEMAPHORES {
            run.diagnose(
                "never-freed",
                format!(
                    "{SEMAPHORES} semaphores were made and dropped, and on each of them {what}. {left} bytes are still in use."
                ),
            );
        }
    }
}
