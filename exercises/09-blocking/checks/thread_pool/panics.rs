//! Jobs that panic, and panics behind the work of a job.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Wake, Waker};

use super::super::subject::JobError;
use super::world::{
    FOREVER, Gate, NO_RESULT, Stopped, give_way, jobs_that, pool, submit, tried, wait,
};
use probe::{run, snapshot};

#[test]
fn a_panic_is_the_result_of_its_job_and_its_thread_goes_on() {
    let run = || run!("a_panic");
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
    snapshot!(tried.returned(NO_RESULT));
}

#[test]
fn a_panic_of_a_waker_or_of_a_results_destructor_ends_no_thread() {
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
