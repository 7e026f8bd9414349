//! buffered: several futures in flight, and their outputs in order.

use std::task::{Context, Poll, Waker};

use super::subject::buffered;
use futures::StreamExt;
use futures::stream;
use probe::{Run, panics, run, snapshot};

#[path = "buffered/runs.rs"]
mod runs;
#[path = "buffered/tried.rs"]
mod tried;
#[path = "buffered/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "buffered/many.rs"]
mod many;

use tried::{Tried, judge_polls, refuse_asleep};
use world::name;

#[test]
fn one_poll_takes_futures_until_the_limit_is_reached_and_polls_each() {
    let run = run!("filled");
    let mut tried = Tried::new(&run, 3, 5);
    tried.expect_pending(3);
    judge_polls(&run, &tried.world.polled(), &[0, 1, 2]);
    tried.expect_pending(3);
    let wakes = tried.a.wakes();
    tried.expect_pending(3);
    if tried.a.wakes() > wakes {
        run.diagnose(
            "busy-poll",
            "No future was woken, and the buffer woke its task. The loop polls it at once, again and again, and never sleeps.",
        );
    }
    snapshot!(run);
}

#[test]
fn outputs_are_yielded_in_the_order_of_the_source_and_wait_for_the_oldest() {
    let run = run!("in_order");
    let mut tried = Tried::new(&run, 3, 5);
    tried.expect_pending(3);
    for number in [2, 1] {
        tried.finishes(number);
        refuse_asleep(&tried);
        tried.expect_pending(3);
        judge_polls(&run, &tried.world.polled(), &[number]);
        let alive = tried.world.futures_alive();
        if alive > number {
            run.diagnose(
                "finished-future-kept",
                format!("{number} futures are not ready, and {alive} are still there: one that is ready has to be dropped, although its output waits."),
            );
        }
    }
    tried.finishes(0);
    for number in 0..3 {
        tried.expect(Poll::Ready(Some(number)));
    }
    tried.expect_pending(5);
    snapshot!(run);
}

#[test]
fn futures_that_were_woken_before_one_poll_are_all_polled_by_it() {
    let run = run!();
    let mut tried = Tried::new(&run, 3, 6);
    tried.expect_pending(3);
    for number in [2, 0, 1] {
        tried.finishes(number);
    }
    let polled = tried.poll();
    judge_polls(&run, &tried.world.polled(), &[0, 1, 2]);
    if polled != Poll::Ready(Some(0)) {
        run.departs(format!(
            "Expected: Ready(Some(0)). The poll returned {polled:?}."
        ));
    }
    for number in 1..3 {
        tried.expect(Poll::Ready(Some(number)));
    }
}

#[test]
fn a_future_that_was_woken_is_polled_alone() {
    let run = run!();
    let mut tried = Tried::new(&run, 4, 4);
    tried.expect_pending(4);
    for number in [3, 1, 3] {
        run.recorder().says(&name(number), "wakes");
        tried.world.wakes(number);
        tried.expect_pending(4);
        judge_polls(&run, &tried.world.polled(), &[number]);
    }
}

#[test]
fn the_source_is_not_polled_after_its_end_and_the_buffer_ends_with_the_last_output() {
    for limit in [1, 2, 5] {
        let run = match limit {
            2 => run!("the_end"),
            _ => run!(),
        };
        let mut tried = Tried::new(&run, limit, 3);
        tried.world.ends();
        run.recorder().says("source", "ends behind its futures");
        for number in 0..3 {
            tried.expect_pending((number + limit).min(3));
            tried.finishes(number);
            tried.expect(Poll::Ready(Some(number)));
        }
        tried.expect(Poll::Ready(None));
        if limit == 2 {
            snapshot!(run);
        }
    }
}

#[test]
fn futures_in_flight_go_on_while_the_source_is_pending() {
    let run = run!();
    let mut tried = Tried::new(&run, 3, 1);
    tried.expect(Poll::Pending);
    judge_polls(&run, &tried.world.polled(), &[0]);
    tried.finishes(0);
    refuse_asleep(&tried);
    tried.expect(Poll::Ready(Some(0)));
    tried.expect(Poll::Pending);
    let wakes = tried.a.wakes();
    run.recorder().says("source", "has a future, and wakes");
    tried.world.has(1);
    if tried.a.wakes() == wakes {
        run.recorder().lacks("A", "is not woken");
        run.diagnose("never-registered", "The source had a future, and the task was not woken: the last poll of the buffer did not poll the source with its waker.");
    }
    tried.expect(Poll::Pending);
    judge_polls(&run, &tried.world.polled(), &[1]);
    tried.finishes(1);
    tried.expect(Poll::Ready(Some(1)));
    tried.expect(Poll::Pending);
    let wakes = tried.a.wakes();
    tried.expect(Poll::Pending);
    if tried.a.wakes() > wakes {
        run.diagnose(
            "busy-poll",
            "No future was in flight, the source was pending, and the buffer woke its task. The loop polls it at once, again and again, and never sleeps.",
        );
    }
    run.recorder().says("source", "has 4 futures, and wakes");
    tried.world.has(4);
    tried.expect_pending(5);
}

#[test]
fn a_panic_of_a_future_or_of_the_source_goes_to_the_caller() {
    type Work = std::pin::Pin<Box<dyn Future<Output = usize>>>;
    let work = |number: usize| -> Work {
        Box::pin(async move {
            assert!(number != 1, "future 1 panics");
            number
        })
    };
    let panicking = stream::iter(0..4).map(work).boxed_local();
    let source = stream::iter(0..4).map(move |number| {
        assert!(number != 2, "the source panics");
        work(3 - number)
    });
    for (who, source) in [
        ("future 1", panicking),
        ("the source", source.boxed_local()),
    ] {
        let run = run!();
        let mut buffer = buffered(source, 2);
        for _ in 0..4 {
            let mut context = Context::from_waker(Waker::noop());
            let polled = panics::expected(|| buffer.poll_next_unpin(&mut context));
            let Ok(polled) = polled else { break };
            run.recorder()
                .says("buffer", format!("poll_next → {polled:?}"));
            if !matches!(polled, Poll::Ready(Some(0 | 3))) {
                run.recorder().lacks("buffer", "has not panicked");
                run.diagnose(
                    "panic-swallowed",
                    format!("A poll of the buffer polled {who}, which panicked, and the buffer returned {polled:?}. A poll panics with what a future or the source panics with."),
                );
            }
        }
    }
}

#[test]
fn a_limit_of_zero_panics_and_the_largest_limit_reserves_no_memory() {
    let run = run!();
    let zero = panics::expected(|| drop(Tried::new(&Run::unnamed(), 0, 1)));
    if zero.is_ok() {
        run.diagnose(
            "zero-accepted",
            "`buffered` was called with a limit of 0, and did not panic. Such a buffer would take no future: the call is where that mistake can be seen.",
        );
    }
    let jobs = || stream::iter((0..300).map(std::future::ready));
    for limit in [1, 7, 256, usize::MAX] {
        run.recorder()
            .says("caller", format!("buffered(300 futures, {limit})"));
        // Each future is ready at once, so each poll yields.
        let all = panics::expected(|| {
            let mut buffer = buffered(jobs(), limit);
            let mut context = Context::from_waker(Waker::noop());
            let mut all = Vec::new();
            let ended = loop {
                match buffer.poll_next_unpin(&mut context) {
                    Poll::Ready(Some(output)) => all.push(output),
                    Poll::Ready(None) => break true,
                    Poll::Pending => break false,
                }
            };
            (all, ended)
        });
        match all {
            Ok((all, true)) if all.iter().copied().eq(0..300) => {}
            Ok((all, _)) if !all.iter().copied().eq(0..all.len()) => run.diagnose(
                "outputs-out-of-order",
                "300 futures were ready at once, and their outputs were yielded in another order than that of the source.",
            ),
            Ok((all, true)) => run.diagnose(
                "ended-in-flight",
                format!("300 futures were ready at once. The buffer yielded {} outputs, and ended.", all.len()),
            ),
            Ok((all, false)) => run.diagnose(
                "output-lost",
                format!("300 futures were ready at once. The buffer yielded {} outputs, and then was pending: the oldest future in flight was ready when it was polled, and its output is not there.", all.len()),
            ),
            Err(panic) if limit == usize::MAX => run.diagnose(
                "reserves-the-limit",
                format!(
                    "The limit is `usize::MAX`, which means none, and your code panicked: {}.",
                    panic.message
                ),
            ),
            Err(panic) => run.departs(format!("Your code panicked: {}.", panic.message)),
        }
    }
}
