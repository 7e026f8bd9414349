//! 3.4 block-on: one thread that sleeps until its future is woken.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use super::subject::block_on;
use probe::detect::DropCounter;
use probe::{Run, run, snapshot};
use probe_futures::{gate, ready, spy};
use probe_model::sync::thread;
use probe_model::{
    Blame, Calls, Tally, alone, at_length, comes_to_its_end, every_short_script, explore,
    falls_asleep, no_memory_is_left, once,
};

const BUSY: Blame<'static> = Blame {
    mistake: Some("busy-poll"),
    sentence: "The future waits, and the thread does not sleep: it checks again and again whether the waker was called. That uses as \
               much processor time as polling again and again. While the future waits the thread must sleep.",
};

const SLEPT: Blame<'static> = Blame {
    mistake: Some("slept-with-work"),
    sentence: "The waker was called before the thread fell asleep, and the thread sleeps: the wake was not remembered, or it was \
               cleared before the thread saw it. No second wake comes.",
};

#[test]
fn a_future_that_is_ready_at_once_is_polled_once() {
    alone(
        || run!(),
        |run| {
            expect(run, block_on(spy(run, "future", ready(7))), 7);
        },
    );
}

#[test]
fn a_wake_after_block_on_has_returned_does_nothing() {
    once(
        || run!(),
        Blame {
            mistake: None,
            sentence: "The waker was called after `block_on` had returned, and that call has not returned.",
        },
        BUSY,
        |run| {
            let kept: Arc<Mutex<Option<Waker>>> = Arc::default();
            let keep = Arc::clone(&kept);
            let future = poll_fn(move |context| {
                *keep.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(context.waker().clone());
                Poll::Ready(7)
            });
            expect(run, block_on(spy(run, "future", future)), 7);
            let waker = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
            let waker = waker.expect("it was polled");
            let call = run
                .recorder()
                .enters("waker", "is called after block_on has returned");
            let late = probe_model::expected(|| {
                for _ in 0..3 {
                    waker.wake_by_ref();
                }
                let clone = waker.clone();
                waker.wake();
                clone.wake();
            });
            if let Err(panic) = late {
                drop(call);
                run.diagnose(
                    "late-wake-panics",
                    format!(
                        "The waker was called after `block_on` had returned, and the call panicked: {}. The caller of a waker cannot know \
                         whether the future has completed.",
                        panic.message
                    ),
                );
            }
            call.returns("nothing happens");
        },
    );
}

#[test]
fn until_the_waker_is_called_the_thread_sleeps() {
    let returned = Blame {
        mistake: None,
        sentence: "Nothing had called the waker, and `block_on` returned.",
    };
    let tally = Tally::default();
    let seen = tally.clone();
    let run = falls_asleep(
        || run!(),
        BUSY,
        returned,
        move |run| {
            block_on(tally.future(run, usize::MAX, |_, _| ()));
        },
    );
    seen.refuse_polls_in_a_row(&run);
}

#[test]
fn a_wake_from_another_thread_ends_the_sleep() {
    let calls = Calls::default();
    let seen = calls.clone();
    let (run, completed) = comes_to_its_end(
        || run!(),
        BUSY,
        move |run| {
            let tally = Tally::default();
            let (seen, calls) = (run.clone(), calls.clone());
            let future = tally.future(run, 2, move |tally, waker| {
                if waker.will_wake(Waker::noop()) {
                    seen.diagnose(
                        "wakes-nobody",
                        "The future was given `Waker::noop()`, and the thread sleeps while the future waits: a call of this waker does \
                         nothing, so it cannot end the sleep.",
                    );
                }
                let (tally, waker) = (tally.clone(), waker.clone());
                let (run, calls) = (seen.clone(), calls.clone());
                thread::spawn(move || {
                    // Fifty steps give the first thread time to fall asleep, and to wake up between the wakes.
                    for _ in 0..3 {
                        (0..50).for_each(|_| thread::yield_now());
                        calls.count(&run, "other thread", || tally.wake(&waker));
                    }
                });
            });
            expect(run, block_on(future), 7);
        },
    );
    if completed {
        return;
    }
    if seen.is_inside_one() {
        run.departs(
            "Another thread called the waker while this one slept, and that call has not returned: it waits for something that only \
             the sleeping thread can do.",
        );
    }
    run.diagnose(
        "wakes-nobody",
        "Another thread called the waker three times while this one slept, and the future was not polled again: the calls returned, \
         and did not end the sleep.",
    );
}

#[test]
fn a_future_that_wakes_itself_is_polled_again() {
    let run = once(
        || run!("wakes_itself"),
        SLEPT,
        BUSY,
        |run| {
            let tally = Tally::default();
            let recorder = run.recorder().clone();
            let future = tally.future(run, 3, move |tally, waker| {
                recorder.wakes("future");
                tally.wake(waker);
            });
            expect(run, block_on(future), 7);
        },
    );
    snapshot!(run);
}

#[test]
fn after_one_wake_the_future_is_polled_once() {
    let tally = Tally::default();
    let seen = tally.clone();
    let run = falls_asleep(
        || run!(),
        Blame {
            mistake: Some("flag-left-up"),
            sentence: LEFT_UP,
        },
        Blame {
            mistake: None,
            sentence: "The waker was called once, the future stayed pending after that, and `block_on` returned.",
        },
        move |run| {
            let recorder = run.recorder().clone();
            let too_many = run.clone();
            let own = tally.clone();
            let future = own.future(run, usize::MAX, move |tally, waker| match tally.polls() {
                1 => {
                    recorder.wakes("future");
                    tally.wake(waker);
                }
                20.. => too_many.diagnose("flag-left-up", LEFT_UP),
                _ => {}
            });
            block_on(future);
        },
    );
    seen.refuse_polls_in_a_row(&run);
}

#[test]
fn after_one_wake_from_another_thread_the_future_is_polled_once() {
    let tally = Tally::default();
    let seen = tally.clone();
    let run = falls_asleep(
        || run!(),
        Blame {
            mistake: Some("flag-left-up"),
            sentence: LEFT_UP,
        },
        Blame {
            mistake: None,
            sentence: "The waker was called once, the future stayed pending after that, and `block_on` returned.",
        },
        move |run| {
            let own = tally.clone();
            let recorder = run.recorder().clone();
            let future = own.future(run, usize::MAX, move |tally, waker| {
                if tally.polls() > 1 {
                    return;
                }
                let (tally, waker) = (tally.clone(), waker.clone());
                let recorder = recorder.clone();
                thread::spawn(move || {
                    // Fifty steps give the first thread time to fall asleep.
                    (0..50).for_each(|_| thread::yield_now());
                    recorder.says("other thread", "wakes it");
                    tally.wake(&waker);
                });
            });
            block_on(future);
        },
    );
    if seen.polls() == 3 {
        run.diagnose(
            "flag-left-up",
            "The waker was called once, while the thread slept, and two polls followed. The flag that remembers the wake was still set \
             after the sleep that it ended, so the next sleep found it and did not begin.",
        );
    }
    seen.refuse_polls_in_a_row(&run);
}

const LEFT_UP: &str = "The future was woken once, and has been polled again and again since then. The flag that remembers a wake stays set \
                       after the poll, so the thread finds it set each time.";

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

#[track_caller]
fn expect(run: &Run, output: u32, right: u32) {
    if output != right {
        run.departs(format!(
            "The future completed with {right}, and `block_on` returned {output}."
        ));
    }
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
