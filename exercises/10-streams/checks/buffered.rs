//! buffered: several futures in flight, and their outputs in order.

use std::task::{Context, Poll};

use super::subject::buffered;
use futures::StreamExt;
use futures::stream;
use probe::runs::Search;
use probe::{Recorder, Run, panics, run, snapshot};
use probe_futures::poller;

#[path = "buffered/runs.rs"]
mod runs;
#[path = "buffered/tried.rs"]
mod tried;
#[path = "buffered/world.rs"]
mod world;

use runs::{ALPHABET, KNOWN, Runs};
use tried::{Tried, judge_polls, refuse_asleep};
use world::{Source, World, name, shown};

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
}

#[test]
fn a_limit_of_zero_panics_and_the_largest_limit_reserves_no_memory() {
    let run = run!();
    let zero = panics::expected(|| drop(Tried::new(&Run::unnamed(), 0, 1)));
    if zero.is_ok() {
        run.departs("`buffered` was called with a limit of 0, and did not panic.");
    }
    let jobs = || stream::iter((0..300).map(std::future::ready));
    for limit in [1, 7, 256, usize::MAX] {
        run.recorder()
            .says("caller", format!("buffered(300 futures, {limit})"));
        let all =
            panics::expected(|| wakers::block_on(buffered(jobs(), limit).collect::<Vec<_>>()));
        match all {
            Ok(all) if all.iter().copied().eq(0..300) => {}
            Ok(all) => run.departs(format!(
                "{} of 300 outputs were yielded, or another order.",
                all.len()
            )),
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

#[test]
fn twenty_thousand_futures_of_which_five_thousand_are_in_flight_are_polled_twice_each() {
    const ALL: usize = 20_000;
    const LIMIT: usize = 5_000;
    let run = run!();
    let (world, source) = World::new(None);
    world.has(ALL);
    world.ends();
    let mut buffer = buffered(source, LIMIT);
    let a = poller(&Recorder::default(), "A");
    let (mut polls, mut yielded) = (0, 0);
    while yielded < ALL {
        let polled = a.lend(|waker| buffer.poll_next_unpin(&mut Context::from_waker(waker)));
        polls += world.polled().len();
        match polled {
            Poll::Ready(Some(output)) if output.number == yielded => yielded += 1,
            Poll::Pending if (yielded..world.taken()).any(|number| world.waits(number)) => {
                let taken = world.taken();
                // The newest first.
                (yielded..taken)
                    .rev()
                    .filter(|number| world.waits(*number))
                    .for_each(|number| world.finishes(number));
            }
            polled => run.departs(format!(
                "{yielded} outputs were yielded, and then a poll returned {}.",
                shown(&polled)
            )),
        }
    }
    if polls != 2 * ALL {
        run.departs(format!("{ALL} futures, of which each was woken once, were polled {polls} times. Expected: twice each."));
    }
}

#[test]
fn every_short_run_is_as_expected() {
    let yours = || Runs::new(|source: Source| buffered(source, 2));
    let reference = || Runs::new(|source: Source| streams::buffered(source, 2));
    Search::of(&ALPHABET)
        .naming(&KNOWN)
        .up_to(4)
        .and_random(60, 25, 103)
        .compare(&run!(), yours, reference);
}
