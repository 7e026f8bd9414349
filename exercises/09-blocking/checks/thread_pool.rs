//! 9.2 thread-pool: threads that run blocking jobs.

#[path = "thread_pool/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "thread_pool/panics.rs"]
mod panics;

#[path = "thread_pool/cancelling.rs"]
mod cancelling;

#[path = "thread_pool/closing.rs"]
mod closing;

#[path = "thread_pool/ends.rs"]
mod ends;

#[path = "thread_pool/threads.rs"]
mod threads;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use probe::{run, snapshot};
use probe_model::sync::Arc;
use probe_model::sync::thread;
use probe_model::{Blame, explore};
use world::{
    BUSY, FOREVER, Gate, NO_RESULT, Stopped, Threads, end, give_way, jobs_that, pool, submit,
    tried, wait,
};

#[test]
fn a_job_runs_on_a_thread_of_the_pool_and_its_result_wakes_the_task() {
    let run = || run!("one_job");
    let tried = tried(run, |run| {
        let caller = thread::current().id();
        let pool = pool(1, FOREVER);
        let job = submit(run, &pool, "A", move || {
            let thread = thread::current();
            (thread.id() == caller, thread.name().map(str::to_owned))
        });
        let (same, name) = match wait(job) {
            Ok(output) => output,
            Err(error) => run.departs(format!(
                "The job returned, and its handle is ready with an error: {error}."
            )),
        };
        if same {
            run.diagnose(
                    "blocks-the-caller",
                    "The job ran on the thread that submitted it. A job that blocks would block the loop.",
                );
        }
        run.recorder().says("caller", "receives the result");
        if name.as_deref() != Some("jobs 1") {
            run.departs(format!(
                "The first thread of the pool `jobs` has the name {name:?}, and not \"jobs 1\"."
            ));
        }
        std::mem::forget(pool);
    });
    if matches!(tried.stopped, Some(Stopped::Asleep)) && jobs_that(&tried.run, "starts") == 0 {
        tried.run.recorder().lacks("A", "is not started");
        tried.run.diagnose(
            "wakes-nobody",
            "The job was submitted, and no thread took it: all threads of the program sleep.",
        );
    }
    snapshot!(tried.returned(NO_RESULT));
}

#[test]
fn one_thread_runs_jobs_in_the_order_of_their_submission() {
    let tried = tried(
        || run!(),
        |run| {
            let pool = pool(1, FOREVER);
            let order = Arc::new(std::sync::Mutex::new(Vec::new()));
            let gate = Gate::default();
            let closed = gate.clone();
            let first = submit(run, &pool, "first", move || closed.pass());
            let jobs: Vec<_> = (0..20)
                .map(|number| {
                    let order = Arc::clone(&order);
                    submit(run, &pool, "next", move || {
                        order.lock().unwrap().push(number)
                    })
                })
                .collect();
            gate.open();
            let _ = wait(first);
            for job in jobs {
                let _ = wait(job);
            }
            let order = order.lock().unwrap().clone();
            if !order.is_sorted() {
                run.diagnose(
                    "queue-reversed",
                    format!("One thread ran twenty jobs, submitted in the order 0 to 19, in this order: {order:?}."),
                );
            }
            std::mem::forget(pool);
        },
    );
    tried.returned(NO_RESULT);
}

#[test]
fn as_many_jobs_run_at_once_as_the_limit_allows() {
    let tried = tried(
        || run!(),
        |run| {
            let pool = pool(3, FOREVER);
            let started = Arc::new(AtomicUsize::new(0));
            let gate = Gate::default();
            let jobs: Vec<_> = ["A", "B", "C"]
                .into_iter()
                .map(|name| {
                    let (started, gate) = (Arc::clone(&started), gate.clone());
                    submit(run, &pool, name, move || {
                        // The last one lets all of them go on.
                        match started.fetch_add(1, Ordering::SeqCst) {
                            2 => gate.open(),
                            _ => gate.pass(),
                        }
                    })
                })
                .collect();
            for job in jobs {
                let _ = wait(job);
            }
            if pool.threads() != 3 {
                run.departs(format!(
                    "Three jobs ran at once, and `threads` returns {}.",
                    pool.threads()
                ));
            }
            std::mem::forget(pool);
        },
    );
    let started = jobs_that(&tried.run, "starts");
    if matches!(tried.stopped, Some(Stopped::Asleep)) && started < 3 {
        tried.run.diagnose(
            "no-further-thread",
            format!("Three jobs wait for each other, and the pool may have three threads. {started} of them started; no thread takes the next."),
        );
    }
    tried.returned(NO_RESULT);
}

#[test]
fn the_pool_never_has_more_threads_than_its_limit() {
    let tried = tried(
        || run!(),
        |run| {
            let pool = pool(2, FOREVER);
            let running = Arc::new(AtomicUsize::new(0));
            let most = Arc::new(AtomicUsize::new(0));
            let jobs: Vec<_> = (0..12)
                .map(|_| {
                    let (running, most) = (Arc::clone(&running), Arc::clone(&most));
                    submit(run, &pool, "a job", move || {
                        let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(now, Ordering::SeqCst);
                        give_way();
                        running.fetch_sub(1, Ordering::SeqCst);
                    })
                })
                .collect();
            for job in jobs {
                let _ = wait(job);
            }
            let most = most.load(Ordering::SeqCst).max(pool.threads());
            if most > 2 {
                run.diagnose(
                    "unbounded-threads",
                    format!("The pool may have two threads, and it had {most} when twelve jobs were submitted."),
                );
            }
            std::mem::forget(pool);
        },
    );
    tried.returned(NO_RESULT);
}

#[test]
fn a_free_thread_takes_the_next_job() {
    let tried = tried(
        || run!(),
        |run| {
            let pool = pool(8, FOREVER);
            let threads = Threads::default();
            for _ in 0..20 {
                let note = threads.clone();
                let _ = wait(submit(run, &pool, "a job", move || note.note()));
                give_way();
            }
            if threads.count() > 3 {
                run.diagnose(
                    "thread-for-each-job",
                    format!(
                        "Twenty jobs were submitted, each after the one before had returned. They ran on {} threads, although a free \
                         thread was there each time.",
                        threads.count()
                    ),
                );
            }
            std::mem::forget(pool);
        },
    );
    tried.returned(Blame {
        mistake: Some("forgot-to-notify"),
        sentence: "A thread of the pool was free and slept. A job was submitted, and the thread sleeps on: no call of the condition variable told it.",
    });
}

#[test]
fn a_thread_ends_when_it_has_been_idle_for_its_time() {
    let tried = tried(
        || run!(),
        |run| {
            let pool = pool(2, Duration::ZERO);
            let _ = wait(submit(run, &pool, "A", || ()));
            for _ in 0..10 {
                give_way();
            }
            if pool.threads() > 0 {
                run.diagnose(
                    "idle-thread-stays",
                    format!("The idle time of the threads is zero. The only job has returned, and `threads` still returns {}.", pool.threads()),
                );
            }
            std::mem::forget(pool);
        },
    );
    tried.returned(NO_RESULT);
}

#[test]
fn a_job_that_comes_while_a_thread_gives_up_waiting_runs() {
    explore(
        || run!(),
        Blame {
            mistake: Some("job-lost-at-idle"),
            sentence: "The idle time of a thread ended while a job was submitted. The thread ended, `submit` started no other, and the job \
                       stays in the queue.",
        },
        BUSY,
        |run| {
            let pool = pool(1, Duration::ZERO);
            for name in ["A", "B", "C"] {
                let _ = wait(submit(run, &pool, name, || ()));
            }
            end(&pool);
        },
    );
}
