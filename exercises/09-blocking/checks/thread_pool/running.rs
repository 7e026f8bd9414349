//! Jobs on the threads of a pool: where they run, in which order, and on how many threads.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use super::super::subject::{JobError, Pending, Reason, Refused};
use super::world::{
    BUSY, FOREVER, Gate, NO_RESULT, Stopped, Threads, end, give_way, jobs_that, pool, submit,
    tried, wait,
};
use probe::{Run, run};
use probe_model::sync::thread;
use probe_model::sync::{Arc, Mutex};
use probe_model::{Blame, explore};

/// A task waits for the only job, and is told where it ran.
pub(super) fn one_job(run: impl Fn() -> Run + Send + Sync + 'static) -> Run {
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
    tried.returned(NO_RESULT)
}

/// Two jobs are submitted while one thread is free, and the first waits for the second.
pub(super) fn one_free_thread_and_two_jobs() {
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

/// One thread, twenty jobs.
pub(super) fn in_order() {
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

/// Three jobs that wait for each other.
pub(super) fn three_at_once() {
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

/// Twelve jobs on two threads.
pub(super) fn two_at_most() {
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

/// The system starts no thread while the pool has none, and while it has one.
pub(super) fn refused_threads() {
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

/// Twenty jobs, each submitted after the one before has returned.
pub(super) fn one_after_the_other() {
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

/// A job that panics, and another one behind it.
pub(super) fn a_panic(run: impl Fn() -> Run + Send + Sync + 'static) -> Run {
    let tried = tried(run, |run| {
        let pool = pool(1, FOREVER);
        let job = submit(run, &pool, "A", || -> u32 { panic!("out of paper") });
        match probe_model::expected(|| wait(job)) {
            Ok(Err(JobError::Panicked(payload)))
                if payload.downcast_ref::<&str>() == Some(&"out of paper") =>
            {
                run.recorder().says("caller", "receives the panic");
            }
            Ok(Err(JobError::Panicked(_))) => run.departs(
                "The job panicked with \"out of paper\", and its handle has another panic.",
            ),
            Ok(Err(JobError::Abandoned)) => run.diagnose(
                "panic-lost-in-pool",
                "The job panicked. Its handle says that no thread started it.",
            ),
            Ok(Ok(_)) => run.departs("The job panicked, and its handle has a value."),
            Err(caught) => run.departs(format!(
                "Awaiting a job that panicked panics: {}.",
                caught.message
            )),
        }
        let _ = wait(submit(run, &pool, "B", || ()));
        run.recorder().says("caller", "receives the result of B");
        std::mem::forget(pool);
    });
    match &tried.stopped {
        Some(Stopped::Panicked(message)) if message == "out of paper" => tried.run.diagnose(
            "panic-ends-the-thread",
            "The job panicked, and the panic ended the thread of the pool that ran it.",
        ),
        Some(Stopped::Asleep) if jobs_that(&tried.run, "receives the panic") == 0 => {
            tried.run.diagnose(
                "panic-lost-in-pool",
                "The job panicked, and the task that waits for it was not woken.",
            )
        }
        Some(Stopped::Asleep) => tried.run.diagnose(
            "panic-ends-the-thread",
            "The job A panicked. The pool's only thread takes no job after it: B is not started.",
        ),
        _ => {}
    }
    tried.returned(NO_RESULT)
}

/// The work has returned. Then the waker panics that its result calls, or the result's own destructor.
pub(super) fn panics_behind_the_work() {
    struct Breaks;
    impl Drop for Breaks {
        fn drop(&mut self) {
            panic!("out of paper");
        }
    }
    struct Rings;
    impl Wake for Rings {
        fn wake(self: std::sync::Arc<Self>) {
            panic!("out of paper");
        }
    }
    for (wakes, what) in [
        (true, "The waker that the result of A called"),
        (
            false,
            "The destructor of A's result, whose `Job` had been dropped,",
        ),
    ] {
        let tried = tried(
            || run!(),
            move |run| {
                let pool = pool(1, FOREVER);
                let gate = Gate::default();
                let closed = gate.clone();
                let mut job = submit(run, &pool, "A", move || {
                    closed.pass();
                    (!wakes).then_some(Breaks)
                });
                while pool.queued() > 0 {
                    give_way();
                }
                if wakes {
                    let waker = Waker::from(std::sync::Arc::new(Rings));
                    let _pending = Pin::new(&mut job).poll(&mut Context::from_waker(&waker));
                    gate.open();
                    let _ = wait(submit(run, &pool, "B", || ()));
                    drop(job);
                } else {
                    drop(job);
                    gate.open();
                    let _ = wait(submit(run, &pool, "B", || ()));
                }
                run.recorder().says("caller", "receives the result of B");
                std::mem::forget(pool);
            },
        );
        match &tried.stopped {
            Some(Stopped::Panicked(message)) if message == "out of paper" => tried.run.diagnose(
                "panic-ends-the-thread",
                format!("{what} panicked, and the panic ended the thread of the pool."),
            ),
            Some(Stopped::Asleep) => tried.run.diagnose(
                "panic-ends-the-thread",
                format!("{what} panicked. The pool's only thread takes no job after that: B is not started."),
            ),
            _ => {}
        }
        tried.returned(NO_RESULT);
    }
}

/// Two threads submit three jobs each.
pub(super) fn two_submitters() {
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

/// One of two threads ends, and a third one starts.
pub(super) fn names() {
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
