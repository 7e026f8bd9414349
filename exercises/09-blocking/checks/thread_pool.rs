//! 9.2 thread-pool: threads that run blocking jobs.

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use super::subject::{self, JobError, Pending, Reason};
use probe::detect::DropCounter;
use probe::{run, snapshot};
use probe_futures::poller;
use probe_model::sync::thread;
use probe_model::sync::{Arc, Mutex};
use probe_model::{Blame, explore};

#[path = "thread_pool/world.rs"]
mod world;

use world::{
    BUSY, FOREVER, Gate, Stopped, Threads, give_way, jobs_that, look, pool, submit, tried, wait,
};

const NO_RESULT: Blame<'static> = Blame {
    mistake: None,
    sentence: "All threads sleep, and the task that waits for the job was not woken.",
};

#[test]
fn a_job_runs_on_a_thread_of_the_pool_and_its_result_wakes_the_task() {
    let tried = tried(
        || run!("one_job"),
        |run| {
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
        },
    );
    if matches!(tried.stopped, Some(Stopped::Asleep)) && jobs_that(&tried.run, "starts") == 0 {
        tried.run.recorder().lacks("A", "is not started");
        tried.run.diagnose(
            "wakes-nobody",
            "The job was submitted, and no thread took it: all threads of the program sleep.",
        );
    }
    let run = tried.returned(NO_RESULT);
    snapshot!(run);
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

/// Ends the threads of a pool, whatever its `close` does: their idle time is zero, so they end by themselves.
fn end(pool: &subject::ThreadPool) {
    while pool.threads() > 0 {
        thread::yield_now();
    }
}

#[test]
fn a_panic_is_the_result_of_its_job_and_its_thread_goes_on() {
    let tried = tried(
        || run!("a_panic"),
        |run| {
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
        },
    );
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
    let run = tried.returned(NO_RESULT);
    snapshot!(run);
}

#[test]
fn a_job_that_is_dropped_in_the_queue_does_not_run() {
    let tried = tried(
        || run!(),
        |run| {
            let pool = pool(1, FOREVER);
            let gate = Gate::default();
            let closed = gate.clone();
            let first = submit(run, &pool, "A", move || closed.pass());
            give_way();
            let values = DropCounter::new();
            let held = values.token();
            let second = submit(run, &pool, "B", move || drop(held));
            if pool.queued() != 1 {
                run.departs(format!(
                    "A blocks the only thread, B waits, and `queued` returns {}.",
                    pool.queued()
                ));
            }
            drop(second);
            run.recorder().says("caller", "drops the handle of B");
            if values.alive() > 0 || pool.queued() > 0 {
                run.diagnose(
                    "dropped-job-kept",
                    "No thread had started B, and its handle was dropped. The pool still holds B and what belongs to it.",
                );
            }
            gate.open();
            let _ = wait(first);
            let _ = wait(submit(run, &pool, "C", || ()));
            if jobs_that(run, "starts") > 2 {
                run.diagnose("cancelled-but-running", "The handle of B was dropped before a thread had started B, and a thread ran it later.");
            }
            std::mem::forget(pool);
        },
    );
    tried.returned(NO_RESULT);
}

#[test]
fn cancel_says_whether_a_thread_has_started_the_job() {
    let tried = tried(
        || run!(),
        |run| {
            let pool = pool(1, FOREVER);
            let gate = Gate::default();
            let closed = gate.clone();
            let first = submit(run, &pool, "A", move || closed.pass());
            give_way();
            let second = submit(run, &pool, "B", || ());
            let third = submit(run, &pool, "C", || 7);
            if first.cancel() {
                run.diagnose(
                    "cancelled-but-running",
                    "A thread runs A, and `cancel` returned `true`. A runs on.",
                );
            }
            if !second.cancel() || second.cancel() {
                run.departs("B was in the queue: the first `cancel` returns `true`, and the second `false`.");
            }
            match wait(second) {
                Err(JobError::Abandoned) => {}
                _ => run.departs(
                    "B was cancelled in the queue, and its handle is not ready with `Abandoned`.",
                ),
            }
            gate.open();
            if wait(first).is_err() || !matches!(wait(third), Ok(7)) {
                run.departs("Neither A nor C was cancelled, and one of them has no result.");
            }
            let fourth = submit(run, &pool, "D", || ());
            fourth.detach();
            give_way();
            if jobs_that(run, "starts") != 3 {
                run.departs("D was detached, and no thread ran it.");
            }
            std::mem::forget(pool);
        },
    );
    tried.returned(Blame {
        mistake: None,
        sentence: "All threads sleep. One of the jobs A and C was not run, or the task that waits for a cancelled job was not woken.",
    });
}

#[test]
fn a_destructor_of_a_dropped_job_may_use_the_pool() {
    struct UsesPool(Arc<subject::ThreadPool>);
    impl Drop for UsesPool {
        fn drop(&mut self) {
            let _ = self.0.queued();
        }
    }
    probe_model::once(
        || run!(),
        Blame {
            mistake: Some("dropped-under-lock"),
            sentence: "The destructor of a job that was removed from the queue used the pool, and waits for the pool's lock: your code holds \
                       it while it drops the job.",
        },
        BUSY,
        |run| {
            for close in [false, true] {
                let pool = Arc::new(pool(1, Duration::ZERO));
                let gate = Gate::default();
                let closed = gate.clone();
                let first = submit(run, &pool, "A", move || closed.pass());
                give_way();
                let held = UsesPool(Arc::clone(&pool));
                let second = submit(run, &pool, "B", move || drop(held));
                if close {
                    pool.close(Pending::Drop);
                } else {
                    drop(second);
                }
                gate.open();
                let _ = wait(first);
                end(&pool);
            }
        },
    );
}

#[test]
fn a_closed_pool_refuses_work_and_runs_or_drops_its_queue() {
    let tried = tried(
        || run!("closed"),
        |run| {
            for (pending, runs) in [(Pending::Run, true), (Pending::Drop, false)] {
                let pool = pool(1, FOREVER);
                let gate = Gate::default();
                let closed = gate.clone();
                let first = submit(run, &pool, "A", move || closed.pass());
                give_way();
                let second = submit(run, &pool, "B", || ());
                pool.close(pending);
                run.recorder()
                    .says("caller", format!("closes the pool: {pending:?}"));
                match pool.submit(|| 7) {
                    Err(refused)
                        if matches!(refused.reason, Reason::Closed) && (refused.work)() == 7 => {}
                    Err(_) => run.departs("The pool is closed, and `submit` gave another reason."),
                    Ok(_) => run.diagnose(
                        "runs-after-close",
                        "The pool is closed, and `submit` took another job.",
                    ),
                }
                if look(&mut pool.ended()).is_ready() {
                    run.diagnose(
                        "ended-too-early",
                        "A thread still runs A, and `ended` is ready.",
                    );
                }
                gate.open();
                if wait(first).is_err() {
                    run.departs(
                        "A had started before the pool was closed, and its result is lost.",
                    );
                }
                match (runs, wait(second)) {
                    (true, Err(_)) => {
                        run.departs("The pool closed with `Pending::Run`, and B was not run.")
                    }
                    (false, Ok(())) => {
                        run.departs("The pool closed with `Pending::Drop`, and B was run.")
                    }
                    _ => {}
                }
                wait(pool.ended());
                run.recorder().says("caller", "the pool has ended");
                if pool.threads() > 0 {
                    run.diagnose("ended-too-early", "`ended` is ready, and a thread is left.");
                }
            }
        },
    );
    let run = tried.returned(Blame {
        mistake: Some("close-without-notify"),
        sentence: "The pool is closed and has run its last job. A thread still waits for a job, or the task that waits for the end was not \
                   woken: all threads sleep.",
    });
    snapshot!(run);
}

#[test]
fn closing_ends_every_thread_that_waits_for_a_job() {
    explore(
        || run!(),
        Blame {
            mistake: Some("close-without-notify"),
            sentence: "Two threads of the pool waited for a job when the pool was closed. Not all of them were told, and `ended` is never ready.",
        },
        BUSY,
        |run| {
            let pool = pool(2, FOREVER);
            let jobs = [
                submit(run, &pool, "A", give_way),
                submit(run, &pool, "B", give_way),
            ];
            for job in jobs {
                let _ = wait(job);
            }
            pool.close(Pending::Run);
            wait(pool.ended());
        },
    );
}

#[test]
fn every_task_that_waits_for_the_end_is_woken() {
    let tried = tried(
        || run!(),
        |run| {
            let pool = pool(1, FOREVER);
            let gate = Gate::default();
            let closed = gate.clone();
            submit(run, &pool, "A", move || closed.pass()).detach();
            give_way();
            pool.close(Pending::Run);
            let (first, second, moved) = (
                poller(run.recorder(), "first"),
                poller(run.recorder(), "second"),
                poller(run.recorder(), "moved"),
            );
            let mut ends = [pool.ended(), pool.ended()];
            for (end, task) in ends.iter_mut().zip([&first, &second]) {
                if task.poll(std::pin::Pin::new(end)) == Poll::Ready(()) {
                    run.diagnose(
                        "ended-too-early",
                        "A thread still runs A, and `ended` is ready.",
                    );
                }
            }
            let _ = moved.poll(std::pin::Pin::new(&mut ends[1]));
            gate.open();
            wait(pool.ended());
            give_way();
            if first.wakes() == 0 || moved.wakes() == 0 {
                run.diagnose(
                    "woke-only-one",
                    "Several tasks waited for the end of the pool. It ended, and not all of them were woken.",
                );
            }
        },
    );
    tried.returned(Blame {
        mistake: Some("close-without-notify"),
        sentence: "The pool was closed, its last job returned, and the task that waits for the end was not woken.",
    });
}

#[test]
fn dropping_the_pool_closes_it() {
    explore(
        || run!(),
        Blame {
            mistake: Some("threads-outlive-the-pool"),
            sentence: "The pool was dropped, and a thread of it still waits for a job.",
        },
        BUSY,
        |run| {
            let pool = pool(2, FOREVER);
            let _ = wait(submit(run, &pool, "A", || ()));
            let ended = pool.ended();
            drop(pool);
            wait(ended);
        },
    );
}

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
