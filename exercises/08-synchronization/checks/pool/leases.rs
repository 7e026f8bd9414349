//! When a lease begins, and what becomes of it in a panic and after the pool.

use std::future::Future;
use std::task::{Context, Poll, Waker};

use super::super::subject::Pool;
use super::requests::{gets, request, task, waits};
use probe::detect::DropCounter;
use probe::{panics, run};

#[test]
fn acquire_takes_no_connection_and_no_place_before_its_first_poll() {
    let run = run!();
    let pool = Pool::new(vec![1]);
    let mut context = Context::from_waker(Waker::noop());
    let mut unpolled = Box::pin(pool.acquire());
    let mut early = Box::pin(pool.acquire());
    run.recorder()
        .says("A and B", "call `acquire`, and poll nothing yet");
    if pool.idle() != 1 {
        run.diagnose(
            "eager-start",
            format!(
                "`acquire` was called and not polled, and `idle` returned {}. Expected: 1, because a future does nothing before its first poll.",
                pool.idle()
            ),
        );
    }
    let lease = early.as_mut().poll(&mut context);
    run.recorder()
        .says("B", "polls first, and has the connection");
    let mut first = Box::pin(pool.acquire());
    let _pending = first.as_mut().poll(&mut context);
    run.recorder()
        .says("C", "calls `acquire`, and polls it: it waits");
    let _pending = unpolled.as_mut().poll(&mut context);
    run.recorder()
        .says("A", "polls for the first time: it waits behind C");
    drop(lease);
    run.recorder().says("B", "returns the connection");
    if first.as_mut().poll(&mut context).is_pending() {
        run.diagnose(
            "eager-start",
            "A called `acquire` before C, and C polled before A. The connection came back, and C is pending: the place in line is counted from \
             the first poll, not from the call.",
        );
    }
}

#[test]
fn a_lease_that_a_panic_drops_comes_back() {
    let run = run!();
    let pool = Pool::new(vec![1]);
    let [a, b] = ["A", "B"].map(|name| task(&run, name));
    let [mut first, mut second] = [(); 2].map(|()| request(&run, &pool));
    let lease = gets(&run, &a, &mut first);
    waits(&run, &b, &mut second);
    let panicked = panics::expected(move || {
        let _lease = lease;
        panic!("the request fails");
    });
    let _: Result<(), _> = panicked;
    run.recorder()
        .says("A", "panics, and its lease is dropped by that");
    if b.wakes() == 0 {
        run.recorder().lacks("B", "is not woken");
        run.departs(format!(
            "A had the connection and panicked, which dropped its lease. B waits for the connection, and was not woken. `idle` returned {}.",
            pool.idle()
        ));
    }
    drop(gets(&run, &b, &mut second));
}

#[test]
fn connections_are_dropped_with_the_pool() {
    let values = DropCounter::new();
    let pool = Pool::new(vec![values.token(), values.token()]);
    let mut context = Context::from_waker(Waker::noop());
    {
        let mut requests = [(); 4].map(|()| Box::pin(pool.acquire()));
        let mut leases = Vec::new();
        for request in &mut requests {
            if let Poll::Ready(lease) = request.as_mut().poll(&mut context) {
                leases.push(lease);
            }
        }
        drop(leases);
    }
    let lease = Box::pin(pool.acquire()).as_mut().poll(&mut context);
    drop(pool);
    drop(lease);
    if values.alive() > 0 {
        let run = run!();
        run.recorder().says(
            "pool",
            format!(
                "it and all leases are dropped: {} connections are alive",
                values.alive()
            ),
        );
        run.diagnose(
            "never-dropped",
            "The pool and all leases were dropped, and a connection is still in memory.",
        );
    }
}
