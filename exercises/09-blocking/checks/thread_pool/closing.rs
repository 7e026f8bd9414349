//! A pool that is closed or dropped: its queue, its threads and the tasks that wait for its end.

use std::task::Poll;

use super::super::subject::{Pending, Reason};
use super::world::{BUSY, FOREVER, Gate, give_way, look, pool, submit, tried, wait};
use probe::{run, snapshot};
use probe_futures::poller;
use probe_model::{Blame, explore};

#[test]
fn a_closed_pool_refuses_work_and_runs_or_drops_its_queue() {
    let run = || run!("closed");
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
    snapshot!(tried.returned(Blame {
        mistake: Some("close-without-notify"),
        sentence: "The pool is closed and has run its last job. A thread still waits for a job, or the task that waits for the end was not \
                   woken: all threads sleep.",
    }));
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
