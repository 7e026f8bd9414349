//! Several submitters, and ends that come twice, late, or without a thread.

use super::super::subject::Pending;
use super::world::{BUSY, FOREVER, Gate, NO_RESULT, give_way, look, pool, submit, tried, wait};
use probe::run;
use probe_futures::poller;
use probe_model::sync::thread;
use probe_model::sync::{Arc, Mutex};
use probe_model::{Blame, explore};

#[test]
fn every_job_of_several_submitters_runs_once() {
    let lost = Blame {
        mistake: Some("forgot-to-notify"),
        sentence: "Two threads submitted jobs at the same time. A job is in the queue, no thread takes it, and all threads sleep.",
    };
    explore(
        || run!(),
        lost,
        BUSY,
        |run| {
            let pool = Arc::new(pool(2, FOREVER));
            let ran = Arc::new(Mutex::new(Vec::new()));
            let submitters: Vec<_> = (0..2)
                .map(|first| {
                    let (run, pool, ran) = (run.clone(), Arc::clone(&pool), Arc::clone(&ran));
                    thread::spawn(move || {
                        for number in [first, first + 2, first + 4] {
                            let ran = Arc::clone(&ran);
                            let _ = wait(submit(&run, &pool, "a job", move || {
                                ran.lock().unwrap().push(number)
                            }));
                        }
                    })
                })
                .collect();
            for submitter in submitters {
                submitter.join().unwrap();
            }
            pool.close(Pending::Run);
            wait(pool.ended());
            let mut ran = ran.lock().unwrap().clone();
            ran.sort_unstable();
            if ran != [0, 1, 2, 3, 4, 5] {
                run.departs(format!(
                    "Six jobs were submitted, 0 to 5, and these ran: {ran:?}."
                ));
            }
        },
    );
}

#[test]
fn a_pool_that_is_dropped_or_closed_again_drops_its_queue() {
    for again in [false, true] {
        let tried = tried(
            || run!(),
            move |run| {
                let pool = pool(1, FOREVER);
                let gate = Gate::default();
                let closed = gate.clone();
                let first = submit(run, &pool, "A", move || closed.pass());
                give_way();
                let second = submit(run, &pool, "B", || ());
                let ended = pool.ended();
                let how = if again {
                    pool.close(Pending::Run);
                    pool.close(Pending::Drop);
                    "The pool was closed with `Pending::Run` and then with `Pending::Drop`"
                } else {
                    drop(pool);
                    "The pool was dropped"
                };
                gate.open();
                let _ = wait(first);
                if wait(second).is_ok() {
                    run.diagnose(
                        "dropped-queue-runs",
                        format!("{how}, while A ran and B was in the queue. A thread ran B."),
                    );
                }
                wait(ended);
            },
        );
        tried.returned(NO_RESULT);
    }
}

#[test]
fn a_closed_pool_has_not_ended_while_a_thread_runs_its_last_job() {
    let tried = tried(
        || run!(),
        |run| {
            let pool = pool(1, FOREVER);
            let (one, two) = (Gate::default(), Gate::default());
            let (before_one, before_two) = (one.clone(), two.clone());
            let first = submit(run, &pool, "A", move || before_one.pass());
            give_way();
            let second = submit(run, &pool, "B", move || before_two.pass());
            pool.close(Pending::Run);
            one.open();
            let _ = wait(first);
            give_way();
            if look(&mut pool.ended()).is_ready() {
                run.diagnose(
                    "ended-too-early",
                    "A thread runs B, which the closed pool had in its queue, and `ended` is ready.",
                );
            }
            if pool.threads() != 1 {
                run.departs(format!(
                    "A thread runs B, and `threads` returns {}.",
                    pool.threads()
                ));
            }
            two.open();
            let _ = wait(second);
            wait(pool.ended());
        },
    );
    tried.returned(NO_RESULT);
}

#[test]
fn closing_a_pool_without_threads_wakes_the_task_that_waits_for_its_end() {
    let tried = tried(
        || run!(),
        |run| {
            let pool = pool(1, FOREVER);
            let task = poller(run.recorder(), "task");
            let mut ended = pool.ended();
            if task.poll(std::pin::Pin::new(&mut ended)).is_ready() {
                run.diagnose("ended-too-early", "The pool is open, and `ended` is ready.");
            }
            pool.close(Pending::Run);
            if task.wakes() == 0 {
                run.diagnose(
                    "close-without-notify",
                    "The pool had no thread, and a task waited for its end. The pool was closed, and the task was not woken.",
                );
            }
            wait(pool.ended());
        },
    );
    tried.returned(NO_RESULT);
}

#[test]
fn a_waker_of_the_end_may_use_the_pool() {
    for threads in [0, 1] {
        probe_model::once(
            || run!(),
            Blame {
                mistake: Some("wake-under-lock"),
                sentence: "The waker of a task that waits for the end used the pool, and waits for the pool's lock: your code holds it while \
                           it calls the waker.",
            },
            BUSY,
            move |run| {
                let pool = Arc::new(pool(1, FOREVER));
                let gate = Gate::default();
                if threads > 0 {
                    let closed = gate.clone();
                    submit(run, &pool, "A", move || closed.pass()).detach();
                    give_way();
                }
                let task = poller(run.recorder(), "task");
                let used = Arc::clone(&pool);
                task.on_wake(move || {
                    let _ = used.threads();
                });
                let _ = task.poll(std::pin::Pin::new(&mut pool.ended()));
                pool.close(Pending::Run);
                gate.open();
                wait(pool.ended());
                give_way();
            },
        );
    }
}
