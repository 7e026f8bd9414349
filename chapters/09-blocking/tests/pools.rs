//! Pools of threads.

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use blocking::{JobError, Limits, Pending, Reason, ThreadPool};
use event_loop::EventLoop;
use wakers::block_on;

use crate::common::{Gate, pool};

#[test]
fn a_job_runs_on_a_thread_with_the_pools_name() {
    let pool = pool(2);
    let name = pool.submit(|| thread::current().name().map(str::to_owned));
    assert_eq!(block_on(name.unwrap()).unwrap().as_deref(), Some("test 1"));
}

#[test]
fn one_thread_runs_jobs_in_the_order_of_their_submission() {
    let pool = pool(1);
    let order = Arc::new(Mutex::new(Vec::new()));
    let jobs: Vec<_> = (0..1_000)
        .map(|number| {
            let order = Arc::clone(&order);
            pool.submit(move || order.lock().unwrap().push(number))
                .unwrap()
        })
        .collect();
    for job in jobs {
        block_on(job).unwrap();
    }
    assert_eq!(*order.lock().unwrap(), (0..1_000).collect::<Vec<_>>());
}

#[test]
fn a_hundred_jobs_one_after_the_other_do_not_fill_the_pool_with_threads() {
    let pool = pool(8);
    assert_eq!(pool.threads(), 0);
    for _ in 0..100 {
        block_on(pool.submit(|| ()).unwrap()).unwrap();
        // A thread that has just sent its result may count as busy for a moment longer.
        for _ in 0..1_000 {
            thread::yield_now();
        }
    }
    assert!(pool.threads() < 8, "{pool:?}");
}

#[test]
fn every_job_has_a_thread_up_to_the_limit_and_the_next_one_waits() {
    let pool = pool(3);
    let (gates, jobs): (Vec<_>, Vec<_>) = (0..3)
        .map(|_| {
            let (gate, work) = Gate::new();
            (gate, pool.submit(work).unwrap())
        })
        .unzip();
    gates.iter().for_each(Gate::until_started);
    let late = pool.submit(|| "late").unwrap();
    assert_eq!((pool.threads(), pool.queued()), (3, 1));
    gates[1].open();
    assert_eq!(block_on(late).unwrap(), "late");
    assert_eq!(pool.threads(), 3);
    gates[0].open();
    gates[2].open();
    for job in jobs {
        block_on(job).unwrap();
    }
}

#[test]
fn an_idle_thread_ends_and_the_next_job_starts_another() {
    let limits = Limits {
        threads: 1,
        idle: Duration::ZERO,
    };
    let pool = ThreadPool::new("test", limits);
    for number in 1..=3 {
        let name = pool.submit(|| thread::current().name().map(str::to_owned));
        let name = block_on(name.unwrap()).unwrap();
        assert_eq!(name, Some(format!("test {number}")));
        until(|| pool.threads() == 0);
    }
}

#[test]
fn a_panic_is_the_result_of_its_job_and_the_thread_goes_on() {
    let pool = pool(1);
    let job = pool.submit(|| -> u32 { panic::panic_any("out of paper") });
    match block_on(job.unwrap()) {
        Err(JobError::Panicked(payload)) => {
            assert_eq!(payload.downcast_ref(), Some(&"out of paper"));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(block_on(pool.submit(|| 7).unwrap()).unwrap(), 7);
    assert_eq!(pool.threads(), 1);
}

#[test]
fn a_destructor_that_panics_on_the_pools_thread_does_not_end_it() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in a destructor");
        }
    }
    let pool = pool(1);
    let (gate, work) = Gate::new();
    let job = pool.submit(move || {
        work();
        Bomb
    });
    gate.until_started();
    job.unwrap().detach();
    gate.open();
    assert_eq!(block_on(pool.submit(|| 7).unwrap()).unwrap(), 7);
    assert_eq!(pool.threads(), 1);
}

#[test]
fn a_job_that_is_dropped_in_the_queue_never_runs() {
    let pool = pool(1);
    let (gate, work) = Gate::new();
    let first = pool.submit(work).unwrap();
    gate.until_started();
    let runs = Arc::new(AtomicUsize::new(0));
    let again = Arc::clone(&runs);
    drop(
        pool.submit(move || again.fetch_add(1, Ordering::Relaxed))
            .unwrap(),
    );
    assert_eq!(pool.queued(), 0);
    assert_eq!(Arc::strong_count(&runs), 1, "its work was dropped with it");
    gate.open();
    block_on(first).unwrap();
    block_on(pool.submit(|| ()).unwrap()).unwrap();
    assert_eq!(runs.load(Ordering::Relaxed), 0);
}

#[test]
fn a_started_job_cannot_be_cancelled_and_runs_on_when_it_is_dropped() {
    let pool = pool(1);
    let (gate, work) = Gate::new();
    let job = pool.submit(work).unwrap();
    gate.until_started();
    assert!(!job.cancel());
    drop(job);
    let next = pool.submit(|| 7).unwrap();
    assert_eq!(pool.queued(), 1);
    gate.open();
    assert_eq!(block_on(next).unwrap(), 7);
}

#[test]
fn a_cancelled_job_is_ready_as_abandoned() {
    let pool = pool(1);
    let (gate, work) = Gate::new();
    let first = pool.submit(work).unwrap();
    gate.until_started();
    let job = pool.submit(|| 7).unwrap();
    assert!(job.cancel());
    assert!(!job.cancel());
    assert!(matches!(block_on(job), Err(JobError::Abandoned)));
    gate.open();
    block_on(first).unwrap();
}

#[test]
fn a_detached_job_runs() {
    let pool = pool(1);
    let (gate, work) = Gate::new();
    pool.submit(work).unwrap().detach();
    gate.until_started();
    gate.open();
}

#[test]
fn a_closed_pool_refuses_work_and_gives_it_back() {
    let pool = pool(1);
    pool.close(Pending::Run);
    let refused = pool.submit(|| 7).unwrap_err();
    assert!(matches!(refused.reason, Reason::Closed));
    assert_eq!((refused.work)(), 7);
    block_on(pool.ended());
}

#[test]
fn a_pool_that_closes_runs_its_queue_or_drops_it() {
    for (pending, runs) in [(Pending::Run, true), (Pending::Drop, false)] {
        let pool = pool(1);
        let (gate, work) = Gate::new();
        let first = pool.submit(work).unwrap();
        gate.until_started();
        let second = pool.submit(|| 7).unwrap();
        pool.close(pending);
        gate.open();
        assert!(block_on(first).is_ok(), "what has started finishes");
        assert_eq!(block_on(second).is_ok(), runs);
        block_on(pool.ended());
        assert_eq!(pool.threads(), 0);
    }
}

#[test]
fn the_end_of_a_pool_is_told_to_every_task_that_waits_for_it() {
    let pool = pool(2);
    let (gate, work) = Gate::new();
    let job = pool.submit(work).unwrap();
    gate.until_started();
    let event_loop = EventLoop::new();
    let handle = event_loop.handle();
    let ends: Vec<_> = (0..3).map(|_| handle.spawn(pool.ended())).collect();
    let door = handle.door();
    pool.close(Pending::Run);
    let opener = thread::spawn(move || {
        door.call_soon_threadsafe(move |_| gate.open()).unwrap();
    });
    event_loop.block_on(async {
        for end in ends {
            end.await.unwrap();
        }
    });
    opener.join().unwrap();
    block_on(job).unwrap();
}

#[test]
fn a_dropped_pool_drops_its_queue() {
    let pool = pool(1);
    let (gate, work) = Gate::new();
    let first = pool.submit(work).unwrap();
    gate.until_started();
    let second = pool.submit(|| 7).unwrap();
    drop(pool);
    assert!(matches!(block_on(second), Err(JobError::Abandoned)));
    gate.open();
    block_on(first).unwrap();
}

#[test]
fn a_job_may_submit_a_job() {
    let pool = Arc::new(pool(2));
    let inner = Arc::clone(&pool);
    let outer = pool.submit(move || block_on(inner.submit(|| 7).unwrap()).unwrap());
    assert_eq!(block_on(outer.unwrap()).unwrap(), 7);
}

#[test]
#[should_panic(expected = "a pool needs a thread")]
fn a_pool_needs_a_thread() {
    let _ = pool(0);
}

/// Waits for what another thread is about to do.
#[track_caller]
fn until(mut happened: impl FnMut() -> bool) {
    for _ in 0..10_000_000 {
        if happened() {
            return;
        }
        thread::yield_now();
    }
    panic!("it did not happen");
}
