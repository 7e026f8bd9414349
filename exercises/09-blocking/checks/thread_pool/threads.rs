//! Names of threads, free threads, threads that the system refuses, and jobs that are cancelled among many.

use std::time::Duration;

use super::super::subject::{Reason, Refused, ThreadPool};
use super::world::{
    BUSY, FOREVER, Gate, NO_RESULT, Stopped, end, give_way, pool, submit, tried, wait,
};
use probe::run;
use probe_model::Blame;
use probe_model::sync::Arc;
use probe_model::sync::thread;

#[test]
fn no_two_threads_at_the_same_time_have_the_same_name() {
    let tried = tried(
        || run!(),
        |run| {
            let pool = pool(2, Duration::ZERO);
            let name = || thread::current().name().map(str::to_owned);
            let gates = [Gate::default(), Gate::default()];
            let [first, second] = ["A", "B"].map(|job| {
                let gate = gates[usize::from(job == "B")].clone();
                let job = submit(run, &pool, job, move || {
                    gate.pass();
                    name()
                });
                give_way();
                job
            });
            gates[0].open();
            let _ = wait(first);
            while pool.threads() > 1 {
                thread::yield_now();
            }
            let third = wait(submit(run, &pool, "C", name)).ok().flatten();
            gates[1].open();
            let second = wait(second).ok().flatten();
            if third == second {
                run.diagnose(
                    "thread-name-reused",
                    format!("One of two threads had ended when a third one started. It has the name {third:?}, which is that of the other."),
                );
            }
            end(&pool);
        },
    );
    tried.returned(NO_RESULT);
}

#[test]
fn cancel_finds_its_job_among_three_hundred() {
    let tried = tried(
        || run!(),
        |run| {
            let pool = pool(1, FOREVER);
            let gate = Gate::default();
            let closed = gate.clone();
            let first = submit(run, &pool, "A", move || closed.pass());
            give_way();
            let jobs: Vec<_> = (0..300)
                .map(|number| submit(run, &pool, "a job", move || number))
                .collect();
            if !jobs[290].cancel() {
                run.departs("Three hundred jobs were in the queue, and `cancel` of the 291st returned `false`.");
            }
            gate.open();
            let _ = wait(first);
            let lost: Vec<_> = jobs
                .into_iter()
                .zip(1..)
                .filter_map(|(job, number)| wait(job).is_err().then_some(number))
                .collect();
            if lost != [291] {
                run.diagnose(
                    "cancelled-but-running",
                    format!("Of three hundred jobs in the queue the 291st was cancelled. These have no result: {lost:?}."),
                );
            }
            std::mem::forget(pool);
        },
    );
    tried.returned(NO_RESULT);
}

#[test]
fn a_free_thread_counts_for_one_job() {
    let tried = tried(
        || run!(),
        |run| {
            let pool = pool(2, FOREVER);
            let _ = wait(submit(run, &pool, "first", || ()));
            give_way();
            let gate = Gate::default();
            let closed = gate.clone();
            let a = submit(run, &pool, "A", move || closed.pass());
            let b = submit(run, &pool, "B", move || gate.open());
            let _ = (wait(a), wait(b));
            std::mem::forget(pool);
        },
    );
    if matches!(tried.stopped, Some(Stopped::Asleep)) {
        tried.run.diagnose(
            "no-further-thread",
            "The pool may have two threads, and one of them was free. Two jobs were submitted, and A waits for B. No thread takes B: the free one has \
             A, and no second one was started.",
        );
    }
    tried.returned(NO_RESULT);
}

#[test]
fn a_thread_that_the_system_refuses_is_an_error_only_if_the_pool_has_none() {
    let tried = tried(
        || run!(),
        |run| {
            let pool = pool(2, FOREVER);
            thread::system_refuses_threads(true);
            let without = pool.submit(|| 7);
            thread::system_refuses_threads(false);
            let expected = "The pool has no thread, and the system starts none. `submit` should return `Reason::NoThread` with the work";
            match without {
                Err(Refused {
                    work,
                    reason: Reason::NoThread(_),
                }) if work() == 7 => {}
                Err(_) => run.departs(format!("{expected}, and its error holds something else.")),
                Ok(_) => run.diagnose(
                    "error-swallowed",
                    format!("{expected}, and it accepted the job."),
                ),
            }
            let gate = Gate::default();
            let closed = gate.clone();
            let first = submit(run, &pool, "A", move || closed.pass());
            give_way();
            thread::system_refuses_threads(true);
            let second = pool.submit(|| 7);
            thread::system_refuses_threads(false);
            gate.open();
            let _ = wait(first);
            let Ok(second) = second else {
                run.departs(
                    "The pool's only thread was busy, and the system started no second one. The busy thread can run the next job later; `submit` refused it.",
                );
            };
            if !matches!(wait(second), Ok(7)) {
                run.departs(
                    "A job was submitted while the pool's only thread was busy and the system started no second one. It did not run to its end.",
                );
            }
            std::mem::forget(pool);
        },
    );
    tried.returned(NO_RESULT);
}

#[test]
fn a_destructor_of_a_dropped_result_may_use_the_pool() {
    struct UsesPool(Arc<ThreadPool>);
    impl Drop for UsesPool {
        fn drop(&mut self) {
            let _ = self.0.queued();
        }
    }
    probe_model::once(
        || run!(),
        Blame {
            mistake: Some("dropped-under-lock"),
            sentence: "The handle of a job was dropped while the job ran. Its result was dropped on the thread, used the pool in its destructor, and \
                       waits for the pool's lock: your code holds it while it drops the result.",
        },
        BUSY,
        |run| {
            let pool = Arc::new(pool(1, Duration::ZERO));
            let gate = Gate::default();
            let closed = gate.clone();
            let result = UsesPool(Arc::clone(&pool));
            let job = submit(run, &pool, "A", move || {
                closed.pass();
                result
            });
            while pool.queued() > 0 {
                give_way();
            }
            drop(job);
            gate.open();
            end(&pool);
        },
    );
}
