//! The end of a pool.

use std::task::Poll;

use super::super::subject::{Pending, Reason};
use super::world::{BUSY, FOREVER, Gate, NO_RESULT, give_way, look, pool, submit, tried, wait};
use probe::{Run, run};
use probe_futures::poller;
use probe_model::Blame;
use probe_model::sync::Arc;

/// A pool is closed while a job runs and another one is in its queue.
pub(super) fn with_a_queue(run: impl Fn() -> Run + Send + Sync + 'static) -> Run {
    let tried = tried(run, |run| {
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
                run.departs("A had started before the pool was closed, and its result is lost.");
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
    });
    tried.returned(Blame {
        mistake: Some("close-without-notify"),
        sentence: "The pool is closed and has run its last job. A thread still waits for a job, or the task that waits for the end was not \
                   woken: all threads sleep.",
    })
}

/// Two tasks wait for the end, and one of the two futures moves to a third task.
pub(super) fn several_tasks() {
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

/// A pool is dropped, or closed in both ways, with a job in its queue.
pub(super) fn twice() {
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

/// The only thread goes on from its job to the one in the queue.
pub(super) fn with_a_last_job() {
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

/// A task waits for the end of a pool that has no thread.
pub(super) fn without_threads() {
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

/// The waker of a task that waits for the end uses the pool.
pub(super) fn with_a_waker() {
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
