//! The judgments that take several steps.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::super::subject::{Lease, Pool};
use super::requests::{cancel, gets, request, returns, task, waits};
use probe::detect::DropCounter;
use probe::random::Random;
use probe::{Run, leaks, panics, run};

/// Four requests wait, and each of them in turn is the one that is cancelled.
pub(super) fn one_of_four_is_cancelled() {
    for cancelled in 0..4 {
        let run = run!();
        let pool = Pool::new(vec![1]);
        let mut lease = gets(&run, &task(&run, "A"), &mut request(&run, &pool));
        let mut line: Vec<_> = ["B", "C", "D", "E"]
            .into_iter()
            .map(|name| (task(&run, name), request(&run, &pool)))
            .collect();
        for (by, request) in &mut line {
            waits(&run, by, request);
        }
        let (by, gone) = line.remove(cancelled);
        cancel(&run, by.name(), gone);
        for place in 0..3 {
            returns(&run, "its owner", lease);
            let woken = line.iter().skip(place).any(|(by, _)| by.wakes() > 0);
            let (by, request) = &mut line[place];
            if by.wakes() == 0 && woken {
                run.diagnose(
                    "order-lost-on-cancel",
                    format!(
                        "A request in line was cancelled. {} is next, and a later one was woken.",
                        by.name()
                    ),
                );
            }
            lease = gets(&run, by, request);
        }
    }
}

/// A request was woken, and is cancelled before its poll.
pub(super) fn to_the_next() {
    for woken in [false, true] {
        let run = run!();
        let pool = Pool::new(vec![1]);
        let [a, b, c] = ["A", "B", "C"].map(|name| task(&run, name));
        let [mut first, mut second, mut third] = [(); 3].map(|()| request(&run, &pool));
        let lease = gets(&run, &a, &mut first);
        waits(&run, &b, &mut second);
        waits(&run, &c, &mut third);
        if woken {
            returns(&run, "A", lease);
            cancel(&run, "B", second);
        } else {
            cancel(&run, "B", second);
            returns(&run, "A", lease);
        }
        if c.wakes() == 0 {
            run.recorder().lacks("C", "is not woken");
            run.diagnose(
                "turn-not-passed-on",
                "B was cancelled, and the connection is free. C is next in line, and was not woken.",
            );
        }
        drop(gets(&run, &c, &mut third));
    }
}

/// A request that is woken uses the pool.
pub(super) fn inside_of_a_wake() {
    thread_local! {
        static INSIDE: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
    }
    let run = run!();
    let pool = Pool::new(vec![1]);
    let [a, b] = ["A", "B"].map(|name| task(&run, name));
    let [mut first, mut second] = [(); 2].map(|()| request(&run, &pool));
    let lease = gets(&run, &a, &mut first);
    let mut gone = request(&run, &pool);
    waits(&run, &a, &mut gone);
    waits(&run, &b, &mut second);
    drop(gone);
    let inside = pool.clone();
    INSIDE.set(Some(Box::new(move || {
        let mut late = Box::pin(inside.acquire());
        let _pending = late.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    })));
    b.on_wake(|| {
        if let Some(code) = INSIDE.take() {
            code();
        }
    });
    if let Err(panic) = panics::expected(|| returns(&run, "A", lease)) {
        run.diagnose(
            "borrowed-across-wake",
            format!(
                "A returned its connection. B was woken, its task asked the pool for a connection inside `wake`, and a panic came: {}.",
                panic.message
            ),
        );
    }
    drop(gets(&run, &b, &mut second));
}

/// Ten thousand requests are cancelled in line.
pub(super) fn ten_thousand(run: &Run) {
    let pool = Pool::new(vec![1]);
    let mut context = Context::from_waker(Waker::noop());
    let mut now = |request: &mut Pin<Box<dyn Future<Output = Lease<u32>> + '_>>| {
        request.as_mut().poll(&mut context)
    };
    for woken in [false, true] {
        let mut first: Pin<Box<dyn Future<Output = Lease<u32>>>> = Box::pin(pool.acquire());
        let Poll::Ready(lease) = now(&mut first) else {
            run.departs("A connection was idle, and `acquire` is pending.");
        };
        let mut requests = Vec::new();
        for _ in 0..10_000 {
            let mut request: Pin<Box<dyn Future<Output = Lease<u32>>>> = Box::pin(pool.acquire());
            let _pending = now(&mut request);
            requests.push(request);
        }
        run.recorder()
            .says("requests", "10,000 wait, and all of them are cancelled");
        run.risk(
            Some("recursion-for-a-loop"),
            "10,000 requests waited and were cancelled, and the stack overflowed when a connection came back: the pool calls itself once for \
             each cancelled request.",
            || {
                if woken {
                    drop(lease);
                    drop(requests);
                } else {
                    drop(requests);
                    drop(lease);
                }
            },
        );
        if pool.idle() != 1 {
            run.departs(
                "All requests are cancelled, the connection was returned, and it is not idle.",
            );
        }
    }
}

/// The connection is borrowed, and requests come and are cancelled.
pub(super) fn nothing_is_kept(run: &Run) {
    let pool = Pool::new(vec![1]);
    let mut context = Context::from_waker(Waker::noop());
    let mut first = Box::pin(pool.acquire());
    let lease = first.as_mut().poll(&mut context);
    let did = "requests waited in line and were cancelled while the connection was borrowed";
    leaks::nothing_is_kept(run, "pool", did, || {
        let mut request = Box::pin(pool.acquire());
        let _pending = request.as_mut().poll(&mut context);
    });
    drop(lease);
}

/// Three hundred requests wait, and each gets the connection of the one before it.
pub(super) fn a_long_line() {
    const MANY: usize = 300;
    let run = run!();
    let pool = Pool::new(vec![1]);
    let mut context = Context::from_waker(Waker::noop());
    let mut line: Vec<_> = (0..=MANY).map(|_| Box::pin(pool.acquire())).collect();
    let mut ready = Vec::new();
    for request in &mut line {
        ready.push(request.as_mut().poll(&mut context));
    }
    run.recorder()
        .says("requests", format!("{MANY} wait behind one with a lease"));
    let mut lease = Some(ready.swap_remove(0));
    for (place, request) in line.iter_mut().enumerate().skip(1) {
        drop(lease.take());
        let polled = request.as_mut().poll(&mut context);
        if polled.is_pending() {
            run.departs(format!(
                "{MANY} requests waited. The connection came back for number {place} of them, which polled, and is pending. `idle` returned {}.",
                pool.idle()
            ));
        }
        lease = Some(polled);
    }
}

/// `acquire` is called, and polled later.
pub(super) fn from_the_first_poll() {
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

/// The task that has a lease panics.
pub(super) fn returned_by_a_panic() {
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

/// The pool is dropped while a connection is lent.
pub(super) fn dropped() {
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

/// Requests, returns and cancellations in a random order.
pub(super) fn three_thousand_schedules() {
    for seed in 0..3_000 {
        let mut random = Random::seeded(seed);
        let count = 1 + random.below(3);
        let pool = Pool::new((0..count).collect());
        let mut context = Context::from_waker(Waker::noop());
        let mut requests: Vec<Pin<Box<dyn Future<Output = Lease<usize>> + '_>>> = Vec::new();
        let mut leases = Vec::new();
        for _ in 0..30 {
            match random.below(5) {
                0 | 1 => requests.push(Box::pin(pool.acquire())),
                2 if !requests.is_empty() => drop(requests.remove(random.below(requests.len()))),
                3 if !requests.is_empty() => {
                    let place = random.below(requests.len());
                    if let Poll::Ready(lease) = requests[place].as_mut().poll(&mut context) {
                        drop(requests.remove(place));
                        leases.push(lease);
                    }
                }
                _ if !leases.is_empty() => drop(leases.remove(random.below(leases.len()))),
                _ => {}
            }
        }
        drop((requests, leases));
        if pool.idle() != count {
            run!().departs(format!(
                "Schedule {seed}: all requests are cancelled, all leases returned, and {} of {count} connections are idle.",
                pool.idle()
            ));
        }
    }
}
