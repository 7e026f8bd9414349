//! Several calls of `block_on`: nested, beside each other and one after the other.

use std::future::poll_fn;
use std::task::Poll;

use super::super::subject::block_on;
use super::{BUSY, expect};
use probe::run;
use probe_futures::{gate, spy};
use probe_model::sync::thread;
use probe_model::{Blame, Tally, explore, falls_asleep};

#[test]
fn two_nested_calls_keep_their_wakes_apart() {
    let shared = Blame {
        mistake: Some("one-signal-for-all"),
        sentence: "The outer future was woken while an inner `block_on` waited on the same thread. When the outer call wanted to sleep, \
                   that wake was gone: both calls remember their wakes in one place.",
    };
    explore(
        || run!(),
        shared,
        BUSY,
        |run| {
            let tally = Tally::default();
            let inner_run = run.clone();
            let future = tally.future(run, 2, move |tally, waker| {
                let (key, gate) = gate();
                let (tally, waker) = (tally.clone(), waker.clone());
                let recorder = inner_run.recorder().clone();
                thread::spawn(move || {
                    recorder.wakes("future");
                    tally.wake(&waker);
                    recorder.wakes("inner");
                    key.open(3);
                });
                let inner = spy(&inner_run, "inner", gate);
                expect(&inner_run, block_on(inner), 3);
            });
            tally.watch(run);
            expect(run, block_on(future), 7);
        },
    );
}

#[test]
fn two_threads_can_block_on_their_own_futures() {
    let shared = Blame {
        mistake: Some("one-signal-for-all"),
        sentence: "Two threads called `block_on` at the same time, each with its own future. Both futures were woken, and one of them was \
                   never polled again: its wake went to the other call.",
    };
    explore(
        || run!(),
        shared,
        BUSY,
        |run| {
            let threads = ["left", "right"].map(|name| {
                let run = run.clone();
                thread::spawn(move || {
                    let (key, gate) = gate();
                    let future = spy(&run, name, gate);
                    let recorder = run.recorder().clone();
                    thread::spawn(move || {
                        recorder.wakes(name);
                        key.open(7);
                    });
                    expect(&run, block_on(future), 7);
                })
            });
            for thread in threads {
                thread.join().expect("block_on does not panic");
            }
        },
    );
}

#[test]
fn a_late_wake_of_an_earlier_call_leads_to_no_poll_of_the_next() {
    let shared = "The waker of a call that had returned was called during the next call, whose own waker was not called. The next call \
                  polled its future again: both calls remember their wakes in one place.";
    falls_asleep(
        || run!(),
        BUSY,
        Blame {
            mistake: None,
            sentence: "The second future stays pending, and `block_on` returned.",
        },
        move |run| {
            let earlier = block_on(poll_fn(|context| Poll::Ready(context.waker().clone())));
            run.recorder()
                .says("first call", "returns, and its waker is kept");
            let mut polls = 0;
            let second = poll_fn(|_| {
                polls += 1;
                if polls > 1 {
                    run.diagnose("one-signal-for-all", shared);
                }
                run.recorder()
                    .says("second future", "calls the waker of the first call");
                earlier.wake_by_ref();
                Poll::<()>::Pending
            });
            block_on(spy(run, "second future", second));
        },
    );
}
