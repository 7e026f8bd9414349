//! 9.2 thread-pool: threads that run blocking jobs.

#[path = "thread_pool/cancelling.rs"]
mod cancelling;
#[path = "thread_pool/closing.rs"]
mod closing;
#[path = "thread_pool/running.rs"]
mod running;
#[path = "thread_pool/world.rs"]
mod world;

use std::time::Duration;

use super::subject::Pending;
use probe::{run, snapshot};
use probe_model::{Blame, explore};
use world::{BUSY, FOREVER, NO_RESULT, end, give_way, pool, submit, tried, wait};

#[test]
fn a_job_runs_on_a_thread_of_the_pool_and_its_result_wakes_the_task() {
    snapshot!(running::one_job(|| run!("one_job")));
}

#[test]
fn one_thread_runs_jobs_in_the_order_of_their_submission() {
    running::in_order();
}

#[test]
fn as_many_jobs_run_at_once_as_the_limit_allows() {
    running::three_at_once();
}

#[test]
fn the_pool_never_has_more_threads_than_its_limit() {
    running::two_at_most();
}

#[test]
fn a_free_thread_takes_the_next_job() {
    running::one_after_the_other();
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

#[test]
fn a_panic_is_the_result_of_its_job_and_its_thread_goes_on() {
    snapshot!(running::a_panic(|| run!("a_panic")));
}

#[test]
fn a_panic_of_a_waker_or_of_a_results_destructor_ends_no_thread() {
    running::panics_behind_the_work();
}

#[test]
fn a_job_that_is_dropped_in_the_queue_does_not_run() {
    cancelling::dropped_in_the_queue();
}

#[test]
fn cancel_says_whether_a_thread_has_started_the_job() {
    cancelling::running_and_queued();
}

#[test]
fn a_destructor_of_a_dropped_job_may_use_the_pool() {
    cancelling::with_a_destructor();
}

#[test]
fn a_closed_pool_refuses_work_and_runs_or_drops_its_queue() {
    snapshot!(closing::with_a_queue(|| run!("closed")));
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
    closing::several_tasks();
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
    running::two_submitters();
}

#[test]
fn a_pool_that_is_dropped_or_closed_again_drops_its_queue() {
    closing::twice();
}

#[test]
fn a_closed_pool_has_not_ended_while_a_thread_runs_its_last_job() {
    closing::with_a_last_job();
}

#[test]
fn closing_a_pool_without_threads_wakes_the_task_that_waits_for_its_end() {
    closing::without_threads();
}

#[test]
fn a_waker_of_the_end_may_use_the_pool() {
    closing::with_a_waker();
}

#[test]
fn no_two_threads_at_the_same_time_have_the_same_name() {
    running::names();
}

#[test]
fn cancel_finds_its_job_among_three_hundred() {
    cancelling::one_of_three_hundred();
}

#[test]
fn a_free_thread_counts_for_one_job() {
    running::one_free_thread_and_two_jobs();
}

#[test]
fn a_thread_that_the_system_refuses_is_an_error_only_if_the_pool_has_none() {
    running::refused_threads();
}

#[test]
fn a_destructor_of_a_dropped_result_may_use_the_pool() {
    cancelling::with_a_result();
}
