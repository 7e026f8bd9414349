//! 8.8 pool: connections that requests share, and requests that are cancelled.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::subject::{Lease, Pool};
use probe::detect::DropCounter;
use probe::random::Random;
use probe::{Run, panics, run, snapshot};
use probe_futures::{Poller, Sim, Spy, poller, spy};
use probe_loop::Clock;

#[path = "pool/machine.rs"]
mod machine;

/// The outcome of `acquire`, which shows the connection.
struct Got(Lease<u32>);

impl std::fmt::Debug for Got {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "connection {}", *self.0)
    }
}

type Acquire<'a> = Pin<Box<Spy<Pin<Box<dyn Future<Output = Got> + 'a>>>>>;

fn task(run: &Run, name: &str) -> Poller {
    poller(run.recorder(), name)
}

/// A request, whose `acquire` is watched.
fn request<'a>(run: &Run, pool: &'a Pool<u32>) -> Acquire<'a> {
    let acquire: Pin<Box<dyn Future<Output = Got> + 'a>> =
        Box::pin(async { Got(pool.acquire().await) });
    Box::pin(spy(run, "acquire", acquire))
}

/// Polls a request for which a connection has to be there.
#[track_caller]
fn gets(run: &Run, by: &Poller, request: &mut Acquire<'_>) -> Lease<u32> {
    match by.poll(request.as_mut()) {
        Poll::Ready(Got(lease)) => {
            run.recorder().holds(by.name(), connection(&lease));
            lease
        }
        Poll::Pending => run.departs(format!(
            "A connection is free, or on its way to {}, and its `acquire` is pending.",
            by.name()
        )),
    }
}

#[track_caller]
fn waits(run: &Run, by: &Poller, request: &mut Acquire<'_>) {
    let before = by.wakes();
    if by.poll(request.as_mut()).is_ready() {
        run.departs("All connections were borrowed, and `acquire` was ready.");
    }
    if by.wakes() > before {
        run.diagnose(
            "busy-poll",
            "`acquire` waits, and woke its own task in the poll.",
        );
    }
    run.recorder().waits_for(by.name(), "a connection");
}

fn connection(lease: &Lease<u32>) -> String {
    format!("connection {}", **lease)
}

fn returns(run: &Run, by: &str, lease: Lease<u32>) {
    let connection = connection(&lease);
    let call = run.recorder().enters(by, format!("returns {connection}"));
    run.recorder().returns(by, &connection);
    drop(lease);
    call.returns("done");
}

fn cancel(run: &Run, by: &str, request: Acquire<'_>) {
    let call = run.recorder().enters(by, "is cancelled");
    run.recorder().stops_waiting(by);
    drop(request);
    call.returns("done");
}

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

#[test]
fn ten_thousand_cancelled_requests_cost_nothing() {
    let run = run!();
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

#[test]
fn every_short_run_is_as_expected() {
    machine::compare(&run!());
}

/// Requests come, are polled, cancelled, and return connections, at random.
#[test]
fn no_connection_is_lost_in_three_thousand_schedules() {
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
