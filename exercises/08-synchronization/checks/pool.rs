//! 8.8 pool: connections that requests share, and requests that are cancelled.

#[path = "pool/machine.rs"]
mod machine;
#[path = "pool/requests.rs"]
mod requests;

// The tests below come first, and then those of these modules, in this order.
#[path = "pool/many_requests.rs"]
mod many_requests;

#[path = "pool/leases.rs"]
mod leases;

#[path = "pool/schedules.rs"]
mod schedules;

use std::future::Future;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::subject::Pool;
use probe::{panics, run, snapshot};
use probe_futures::Sim;
use probe_loop::Clock;
use requests::{Got, cancel, gets, request, returns, task, waits};

#[test]
fn a_connection_that_is_returned_goes_to_the_request_that_has_waited_longest() {
    let run = run!("in_order");
    let pool = Pool::new(vec![1]);
    let [a, b, c] = ["A", "B", "C"].map(|name| task(&run, name));
    let [mut first, mut second, mut third] = [(); 3].map(|()| request(&run, &pool));
    let lease = gets(&run, &a, &mut first);
    waits(&run, &b, &mut second);
    waits(&run, &c, &mut third);
    returns(&run, "A", lease);
    if b.wakes() == 0 && c.wakes() > 0 {
        run.diagnose(
            "latest-first",
            "B had waited longest, and the connection went to C.",
        );
    }
    if b.wakes() == 0 {
        run.recorder().lacks("B", "is not woken");
        run.diagnose(
            "forgot-to-wake",
            "A connection came back, and B, which waits for one, was not woken.",
        );
    }
    if c.wakes() > 0 {
        run.diagnose(
            "thundering-herd",
            "One connection came back, and both waiting requests were woken.",
        );
    }
    let lease = gets(&run, &b, &mut second);
    waits(&run, &c, &mut third);
    returns(&run, "B", lease);
    drop(gets(&run, &c, &mut third));
    snapshot!(run);
}

#[test]
fn a_request_that_is_cancelled_in_line_costs_no_connection() {
    let run = run!("cancelled_in_line");
    let pool = Pool::new(vec![1]);
    let [a, b, c] = ["A", "B", "C"].map(|name| task(&run, name));
    let [mut first, mut second, mut third] = [(); 3].map(|()| request(&run, &pool));
    let lease = gets(&run, &a, &mut first);
    waits(&run, &b, &mut second);
    cancel(&run, "B", second);
    returns(&run, "A", lease);
    match c.poll(third.as_mut()) {
        Poll::Ready(Got(lease)) => returns(&run, "C", lease),
        Poll::Pending => run.diagnose(
            "returned-to-a-cancelled-task",
            "B was cancelled while it waited. A returned its connection after that, no request has it now, and C does not get it.",
        ),
    }
    snapshot!(run);
}

#[test]
fn a_request_that_is_cancelled_after_it_was_woken_costs_no_connection() {
    let run = run!("cancelled_when_woken");
    let pool = Pool::new(vec![1]);
    let [a, b, c] = ["A", "B", "C"].map(|name| task(&run, name));
    let [mut first, mut second, mut third] = [(); 3].map(|()| request(&run, &pool));
    let lease = gets(&run, &a, &mut first);
    waits(&run, &b, &mut second);
    returns(&run, "A", lease);
    cancel(&run, "B", second);
    match c.poll(third.as_mut()) {
        Poll::Ready(Got(lease)) => returns(&run, "C", lease),
        Poll::Pending => run.diagnose(
            "lost-on-the-way",
            "B was woken for the connection, and cancelled before it ran. No request has the connection now, and C does not get it.",
        ),
    }
    snapshot!(run);
}

#[test]
fn a_late_request_gets_no_connection_before_one_that_was_woken() {
    let run = run!("not_overtaken");
    let pool = Pool::new(vec![1]);
    let [a, b, c] = ["A", "B", "C"].map(|name| task(&run, name));
    let [mut first, mut second, mut third] = [(); 3].map(|()| request(&run, &pool));
    let lease = gets(&run, &a, &mut first);
    waits(&run, &b, &mut second);
    returns(&run, "A", lease);
    if c.poll(third.as_mut()).is_ready() {
        run.diagnose(
            "barging",
            "B had waited, and was woken for the connection. C came later, was polled first, and took it.",
        );
    }
    drop(gets(&run, &b, &mut second));
    snapshot!(run);
}

#[test]
fn a_connection_of_a_cancelled_request_goes_to_the_next_in_line() {
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

#[test]
fn when_a_request_in_line_is_cancelled_the_others_keep_their_order() {
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

#[test]
fn the_task_that_polled_last_is_woken() {
    let run = run!("polled_by_another");
    let pool = Pool::new(vec![1]);
    let [a, b, c] = ["A", "B", "C"].map(|name| task(&run, name));
    let [mut first, mut second] = [(); 2].map(|()| request(&run, &pool));
    let lease = gets(&run, &a, &mut first);
    waits(&run, &b, &mut second);
    waits(&run, &c, &mut second);
    returns(&run, "A", lease);
    if c.wakes() == 0 {
        run.recorder().lacks("C", "is not woken");
        run.diagnose(
            "first-waker-only",
            "C polled the request last, and was not woken for its connection.",
        );
    }
    drop(gets(&run, &c, &mut second));
    snapshot!(run);
}

#[test]
fn a_request_has_a_time_limit() {
    let run = run!();
    let sim = Sim::new(&run);
    let clock = Clock::new(&run, &sim);
    let pool = Pool::new(vec![1]);
    let second = Duration::from_secs(1);
    let outcome = sim.run(
        "main",
        Box::pin(async {
            let lease = pool.acquire_within(&clock, second).await.ok();
            let refused = pool.acquire_within(&clock, second).await.is_err();
            let at = sim.now();
            drop(lease);
            let again = pool.acquire_within(&clock, Duration::ZERO).await.is_ok();
            (refused, at, again)
        })
        .as_mut(),
    );
    match outcome {
        Ok((true, at, true)) if at == second => {}
        Ok((refused, at, again)) => run.departs(format!(
            "The only connection was borrowed. Expected: the second request is refused after 1s, and one gets the connection after it was \
             returned. Seen: refused: {refused}, at {at:?}; got it afterwards: {again}."
        )),
        Err(_) => run.departs("Nothing is going to happen, and a request with a time limit waits."),
    }
}

#[test]
fn a_woken_request_may_use_the_pool_inside_wake() {
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
    b.on_wake_local(move || {
        let mut late = Box::pin(inside.acquire());
        let _pending = late.as_mut().poll(&mut Context::from_waker(Waker::noop()));
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
