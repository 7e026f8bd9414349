//! 8.8 pool: connections that requests share, and requests that are cancelled.

#[path = "pool/machine.rs"]
mod machine;
#[path = "pool/requests.rs"]
mod requests;
#[path = "pool/rules.rs"]
mod rules;

use std::task::Poll;
use std::time::Duration;

use super::subject::Pool;
use probe::{run, snapshot};
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
    rules::to_the_next();
}

#[test]
fn when_a_request_in_line_is_cancelled_the_others_keep_their_order() {
    rules::one_of_four_is_cancelled();
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
    rules::inside_of_a_wake();
}

#[test]
fn ten_thousand_cancelled_requests_cost_nothing() {
    rules::ten_thousand(&run!());
}

#[test]
fn requests_that_were_cancelled_leave_no_memory_in_use() {
    rules::nothing_is_kept(&run!());
}

#[test]
fn three_hundred_requests_in_line_get_the_connection_one_after_another() {
    rules::a_long_line();
}

#[test]
fn acquire_takes_no_connection_and_no_place_before_its_first_poll() {
    rules::from_the_first_poll();
}

#[test]
fn a_lease_that_a_panic_drops_comes_back() {
    rules::returned_by_a_panic();
}

#[test]
fn connections_are_dropped_with_the_pool() {
    rules::dropped();
}

#[test]
fn every_short_run_is_as_expected() {
    machine::compare(&run!());
}

/// Requests come, are polled, cancelled, and return connections, at random.
#[test]
fn no_connection_is_lost_in_three_thousand_schedules() {
    rules::three_thousand_schedules();
}
