//! Jobs that are cancelled, or whose handle is dropped.

use std::time::Duration;

use super::super::subject::{JobError, Pending, ThreadPool};
use super::world::{
    BUSY, FOREVER, Gate, NO_RESULT, end, give_way, jobs_that, pool, submit, tried, wait,
};
use probe::detect::DropCounter;
use probe::run;
use probe_model::Blame;
use probe_model::sync::Arc;

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
