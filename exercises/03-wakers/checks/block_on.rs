//! 3.4 block-on: one thread that sleeps until its future is woken.

// The tests below come first, and then those of these modules, in this order.
#[path = "block_on/any_moment.rs"]
mod any_moment;

#[path = "block_on/other_calls.rs"]
mod other_calls;

#[path = "block_on/ends.rs"]
mod ends;

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use super::subject::block_on;
use probe::{Run, run, snapshot};
use probe_futures::{ready, spy};
use probe_model::sync::thread;
use probe_model::{Blame, Calls, Tally, alone, comes_to_its_end, falls_asleep, once};

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

const LEFT_UP: &str = "The future was woken once, and has been polled again and again since then. The flag that remembers a wake stays set \
                       after the poll, so the thread finds it set each time.";

const POLLED_AGAIN: Blame<'static> = Blame {
    mistake: Some("flag-left-up"),
    sentence: LEFT_UP,
};

const RETURNED: Blame<'static> = Blame {
    mistake: None,
    sentence: "The waker was called once, the future stayed pending after that, and `block_on` returned.",
};

#[track_caller]
fn expect(run: &Run, output: u32, right: u32) {
    if output != right {
        run.departs(format!(
            "The future completed with {right}, and `block_on` returned {output}."
        ));
    }
}

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
        POLLED_AGAIN,
        RETURNED,
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
        POLLED_AGAIN,
        RETURNED,
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
