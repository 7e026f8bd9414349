//! Ten thousand requests that are cancelled, and three hundred that are not.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::super::subject::{Lease, Pool};
use probe::{leaks, run};

#[test]
fn ten_thousand_cancelled_requests_cost_nothing() {
    let run = &run!();
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

#[test]
fn requests_that_were_cancelled_leave_no_memory_in_use() {
    let run = &run!();
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

#[test]
fn three_hundred_requests_in_line_get_the_connection_one_after_another() {
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
