//! Wakes at any moment, from any thread, and sleeps that end without one.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use super::super::subject::block_on;
use super::{BUSY, SLEPT, expect};
use probe::run;
use probe_futures::{gate, spy};
use probe_model::sync::thread;
use probe_model::{Blame, Calls, Tally, comes_to_its_end, explore, once};

#[test]
fn a_sleep_that_ends_without_a_wake_leads_to_no_poll() {
    explore(
        || run!(),
        SLEPT,
        BUSY,
        |run| {
            let tally = Tally::default();
            let recorder = run.recorder().clone();
            let future = tally.future(run, 2, move |tally, waker| {
                let (tally, waker) = (tally.clone(), waker.clone());
                let recorder = recorder.clone();
                thread::spawn(move || {
                    for _ in 0..5 {
                        thread::yield_now();
                    }
                    recorder.says("other thread", "wakes it");
                    tally.wake(&waker);
                });
            });
            expect(run, block_on(future), 7);
        },
    );
}

#[test]
fn a_second_wake_during_one_poll_does_not_undo_the_first() {
    let calls = Calls::default();
    let seen = calls.clone();
    let (run, completed) = comes_to_its_end(
        || run!(),
        BUSY,
        move |run| {
            let tally = Tally::default();
            let (run_of_the_call, calls) = (run.clone(), calls.clone());
            let future = tally.future(run, 2, move |tally, waker| {
                for _ in 0..2 {
                    calls.count(&run_of_the_call, "future", || tally.wake(waker));
                }
            });
            expect(run, block_on(future), 7);
        },
    );
    if completed {
        return;
    }
    if seen.is_inside_one() {
        run.departs(
            "The waker was called twice during one poll, and the second call has not returned: it waits for something that only this \
             thread can do.",
        );
    }
    run.departs(
        "The waker was called twice during one poll, both calls returned, and then the thread slept: the second wake has undone the \
         first.",
    );
}

#[test]
fn a_wake_at_any_moment_is_remembered() {
    explore(
        || run!(),
        SLEPT,
        BUSY,
        |run| {
            let tally = Tally::default();
            let (key, mut gate) = gate();
            let (seen, opens) = (tally.clone(), run.recorder().clone());
            let other = thread::spawn(move || {
                opens.says("other thread", "wakes it");
                seen.will_be_woken();
                key.open(7);
            });
            let own = tally.clone();
            let future = spy(
                run,
                "future",
                poll_fn(move |context| {
                    own.polled();
                    let poll = Pin::new(&mut gate).poll(context);
                    thread::yield_now();
                    poll
                }),
            );
            tally.watch(run);
            expect(run, block_on(future), 7);
            other.join().expect("the other thread does not panic");
        },
    );
}

#[test]
fn wakes_from_several_threads_are_remembered() {
    explore(
        || run!(),
        SLEPT,
        BUSY,
        |run| {
            let left = Arc::new(AtomicUsize::new(3));
            let tally = Tally::default();
            let (own, seen) = (tally.clone(), Arc::clone(&left));
            let mut started = false;
            let newest: Arc<Mutex<Option<Waker>>> = Arc::default();
            let future = spy(
                run,
                "future",
                poll_fn(move |context| {
                    own.polled();
                    *newest.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(context.waker().clone());
                    if !started {
                        started = true;
                        for name in ["first", "second", "third"] {
                            let (tally, left) = (own.clone(), Arc::clone(&seen));
                            let (newest, recorder) = (Arc::clone(&newest), own.recorder());
                            thread::spawn(move || {
                                left.fetch_sub(1, Relaxed);
                                recorder.says(name, "wakes it");
                                let waker = newest
                                    .lock()
                                    .unwrap_or_else(PoisonError::into_inner)
                                    .clone();
                                tally.wake(&waker.expect("it was polled"));
                            });
                        }
                    }
                    thread::yield_now();
                    match seen.load(Relaxed) {
                        0 => Poll::Ready(7),
                        _ => Poll::Pending,
                    }
                }),
            );
            tally.watch(run);
            expect(run, block_on(future), 7);
        },
    );
}

#[test]
fn a_wake_is_remembered_even_if_the_future_parks_the_thread() {
    let bare = Blame {
        mistake: Some("bare-park"),
        sentence: "The future was woken during its poll. Then it parked the thread for a purpose of its own. That park took the thread's \
                   one token, and the token was the only memory of the wake.",
    };
    once(
        || run!(),
        bare,
        BUSY,
        |run| {
            let tally = Tally::default();
            let recorder = run.recorder().clone();
            let future = tally.future(run, 2, move |tally, waker| {
                recorder.wakes("future");
                tally.wake(waker);
                recorder.says("future", "parks the thread, and is unparked");
                thread::current().unpark();
                thread::park();
            });
            expect(run, block_on(future), 7);
        },
    );
}
