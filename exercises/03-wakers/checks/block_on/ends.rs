//! Panics and drops, and polls and wakes beyond what a small counter holds.

use std::future::poll_fn;
use std::task::{Context, Poll};

use super::super::subject::block_on;
use super::{BUSY, expect};
use probe::detect::DropCounter;
use probe::run;
use probe_futures::{ready, spy};
use probe_model::{alone, at_length, every_short_script, no_memory_is_left};

#[test]
fn a_panic_of_the_future_passes_through_and_the_next_call_works() {
    alone(
        || run!(),
        |run| {
            let panics = poll_fn(|context: &mut Context<'_>| -> Poll<u32> {
                context.waker().wake_by_ref();
                panic!("a panic of the future's own")
            });
            let future = spy(run, "future", panics);
            match probe_model::expected(|| block_on(future)) {
                Ok(_) => run.departs("The future panicked, and `block_on` returned a value."),
                Err(panic) if panic.message.contains("of the future's own") => {}
                Err(panic) => run.departs(format!(
                    "The future panicked, and `block_on` panicked with another message: {}.",
                    panic.message
                )),
            }
            expect(run, block_on(spy(run, "next", ready(7))), 7);
        },
    );
}

#[test]
fn the_future_is_dropped_before_block_on_returns() {
    alone(
        || run!(),
        |run| {
            for panics in [false, true] {
                let futures = DropCounter::new();
                let held = futures.token().in_track(run.recorder(), "future");
                let future = poll_fn(move |_| {
                    let _held = &held;
                    assert!(!panics, "a panic of the future's own");
                    Poll::Ready(7)
                });
                let result = probe_model::expected(|| block_on(spy(run, "future", future)));
                let how = match result {
                    Ok(_) => "returned",
                    Err(_) => "panicked",
                };
                if futures.alive() > 0 {
                    run.recorder()
                        .says("future", format!("block_on has {how}: is not dropped"));
                    run.diagnose(
                        "never-dropped",
                        format!("`block_on` has {how}, and the future that it was given has not been dropped."),
                    );
                }
            }
        },
    );
}

#[test]
fn a_future_may_take_two_thousand_polls() {
    let (run, completed) = at_length(
        || run!(),
        BUSY,
        |run| {
            let mut polls = 0;
            let recorder = run.recorder().clone();
            let future = poll_fn(move |context| {
                polls += 1;
                recorder.clear();
                recorder.says("future", format!("poll {polls}"));
                if polls == POLLS {
                    return Poll::Ready(7);
                }
                context.waker().wake_by_ref();
                Poll::Pending
            });
            match probe_model::expected(|| block_on(future)) {
                Ok(output) => expect(run, output, 7),
                Err(panic) => run.diagnose(
                    "polls-are-limited",
                    format!(
                        "The future woke itself at each poll, and would complete at poll {POLLS}. `block_on` panicked before that: {}.",
                        panic.message
                    ),
                ),
            }
        },
    );
    if !completed {
        run.diagnose(
            "slept-with-work",
            "The future wakes itself at each poll. It was woken at the marked poll, and the thread sleeps.",
        );
    }
}

const POLLS: usize = 2_000;

#[test]
fn any_number_of_wakes_during_one_poll_is_remembered() {
    for wakes in WAKES {
        let (run, completed) = at_length(
            || run!(),
            BUSY,
            move |run| {
                let (mut polls, recorder) = (0, run.recorder().clone());
                let future = poll_fn(move |context| {
                    polls += 1;
                    if polls > 1 {
                        return Poll::Ready(7);
                    }
                    recorder.says("future", format!("calls its waker {wakes} times"));
                    (0..wakes).for_each(|_| context.waker().wake_by_ref());
                    Poll::Pending
                });
                match probe_model::expected(|| block_on(spy(run, "future", future))) {
                    Ok(output) => expect(run, output, 7),
                    Err(panic) => run.departs(format!(
                        "The waker was called {wakes} times during one poll, and a call panicked: {}.",
                        panic.message
                    )),
                }
            },
        );
        if !completed {
            run.recorder().says("future", "is not polled again");
            run.diagnose(
                "slept-with-work",
                format!("The waker was called {wakes} times during one poll, and then the thread slept: no wake was remembered."),
            );
        }
    }
}

/// Both sides of what 8 bits can count, and more. What 16 bits can count would take the model a second.
const WAKES: [usize; 5] = [3, 255, 256, 257, 1_000];

#[test]
fn every_short_run_is_as_expected() {
    every_short_script(|| run!(), BUSY, block_on);
}

#[test]
fn a_call_leaves_no_memory_behind() {
    no_memory_is_left(
        || run!(),
        "block_on",
        || {
            let mut polls = 0;
            let output = block_on(poll_fn(|context| {
                polls += 1;
                context.waker().wake_by_ref();
                if polls < 3 {
                    Poll::Pending
                } else {
                    Poll::Ready(7)
                }
            }));
            assert_eq!(output, 7);
        },
    );
}
