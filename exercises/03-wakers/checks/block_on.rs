//! 3.4 block-on: one thread that sleeps until its future is worth polling.

use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use super::subject::block_on;
use probe::{Run, run, snapshot};
use probe_futures::{gate, ready, spy};
use probe_model::sync::thread;
use probe_model::{Blame, Sleep, alone, comes_to_its_end, explore, falls_asleep, last_sleep, once};

/// So many polls that nobody asked for are too many, even for one who is woken without a reason now
/// and then.
const FAR_TOO_MANY: usize = 30;

const BUSY: Blame<'static> = Blame {
    mistake: Some("busy-poll"),
    sentence: "The future waits, and the thread does not sleep: it goes round and round, and asks whether the waker was called. That \
               keeps a core as busy as polling does. While it waits the thread should sleep, and cost nothing.",
};

const SLEPT: Blame<'static> = Blame {
    mistake: Some("slept-with-work"),
    sentence: "The waker was called before the thread fell asleep, and it fell asleep all the same: the wake was not remembered, or was \
               forgotten again. Nobody will call it a second time.",
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
fn a_wake_after_the_end_does_nothing() {
    once(
        || run!(),
        Blame {
            mistake: None,
            sentence: "The waker was called after `block_on` had returned, and that call did not come back.",
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
            let call = run.recorder().enters("waker", "is called after the end");
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
                        "The waker was called after `block_on` had returned, and panicked: {}. Whoever calls a waker cannot know that \
                         nobody waits any more.",
                        panic.message
                    ),
                );
            }
            call.returns("nothing happens");
        },
    );
}

#[test]
fn while_nobody_wakes_it_it_sleeps() {
    let returned = Blame {
        mistake: None,
        sentence: "Nobody called the waker, and `block_on` came back.",
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
    let (run, came_back) = comes_to_its_end(
        || run!(),
        BUSY,
        move |run| {
            let tally = Tally::default();
            let (seen, calls) = (run.clone(), calls.clone());
            let future = tally.future(run, 2, move |tally, waker| {
                if waker.will_wake(Waker::noop()) {
                    seen.diagnose(
                        "wakes-nobody",
                        "The future was given a waker that does nothing, and the thread sleeps while it waits: whoever calls that waker \
                         reaches nobody.",
                    );
                }
                let (tally, waker) = (tally.clone(), waker.clone());
                let (run, calls) = (seen.clone(), calls.clone());
                thread::spawn(move || {
                    // Time enough for the other one to fall asleep, and between the wakes to get up.
                    for _ in 0..3 {
                        (0..50).for_each(|_| thread::yield_now());
                        calls.count(&run, "other thread", || tally.wake(&waker));
                    }
                });
            });
            expect(run, block_on(future), 7);
        },
    );
    if came_back {
        return;
    }
    if seen.is_inside_one() {
        run.departs(
            "The waker was called from another thread while this one slept, and that call has not come back: what it waits for, only the \
             thread that sleeps could give it.",
        );
    }
    run.diagnose(
        "wakes-nobody",
        "The waker was called from another thread while this one slept, three times over, and the future was not polled again: \
         whatever the call does, it does not end the sleep.",
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
fn one_wake_is_one_poll() {
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
            sentence: "Nobody called the waker a second time, and `block_on` came back.",
        },
        move |run| {
            let recorder = run.recorder().clone();
            let too_many = run.clone();
            let own = tally.clone();
            let future = own.future(run, usize::MAX, move |tally, waker| {
                match tally.polls.load(Relaxed) {
                    1 => {
                        recorder.wakes("future");
                        tally.wake(waker);
                    }
                    20.. => too_many.diagnose("flag-left-up", LEFT_UP),
                    _ => {}
                }
            });
            block_on(future);
        },
    );
    seen.refuse_polls_in_a_row(&run);
}

#[test]
fn a_sleep_that_ends_for_nothing_is_no_wake() {
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

const LEFT_UP: &str = "The future was woken once, and has been polled again and again ever since. What remembers a wake is never taken back, so \
                       every look finds one.";

#[test]
fn a_second_wake_before_the_poll_changes_nothing() {
    let calls = Calls::default();
    let seen = calls.clone();
    let (run, came_back) = comes_to_its_end(
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
    if came_back {
        return;
    }
    if seen.is_inside_one() {
        run.departs(
            "The waker was called twice during one poll, and the second call has not come back: it waits for something that only the \
             thread itself could do.",
        );
    }
    run.departs(
        "The waker was called twice during one poll, both calls came back, and then the thread slept all the same: the second wake has \
         undone the first.",
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
                seen.wakes.fetch_add(1, Relaxed);
                key.open(7);
            });
            let mut own = tally.clone();
            let future = spy(
                run,
                "future",
                poll_fn(move |context| {
                    own.polled();
                    let poll = std::pin::Pin::new(&mut gate).poll(context);
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
            let (mut own, seen) = (tally.clone(), Arc::clone(&left));
            let mut begun = false;
            let newest: Arc<Mutex<Option<Waker>>> = Arc::default();
            let future = spy(
                run,
                "future",
                poll_fn(move |context| {
                    own.polled();
                    *newest.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(context.waker().clone());
                    if !begun {
                        begun = true;
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
        sentence: "The future was woken during its poll. Then it parked the thread for a purpose of its own, which used up the thread's \
                   one token, and with it the only memory of the wake.",
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
fn a_block_on_inside_another_one_keeps_its_wakes_apart() {
    let shared = Blame {
        mistake: Some("one-signal-for-all"),
        sentence: "The outer future was woken while an inner `block_on` waited on the same thread, and that wake was gone when the outer \
                   one wanted to sleep: both remember their wakes in one place.",
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
fn two_threads_may_each_block_on_a_future_of_their_own() {
    let shared = Blame {
        mistake: Some("one-signal-for-all"),
        sentence: "Two threads called `block_on` at the same time, each with a future of its own, and one of them was never polled again: \
                   it seems that the wake of the one went to the other.",
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
fn a_panic_passes_through_and_the_next_one_starts_anew() {
    alone(
        || run!(),
        |run| {
            let panics = poll_fn(|context: &mut std::task::Context<'_>| -> Poll<u32> {
                context.waker().wake_by_ref();
                panic!("a panic of the future's own")
            });
            let future = spy(run, "future", panics);
            match probe_model::expected(|| block_on(future)) {
                Ok(_) => run.departs("The future panicked, and `block_on` returned all the same."),
                Err(panic) if panic.message.contains("of the future's own") => {}
                Err(panic) => run.departs(format!(
                    "The future panicked, and what came out was another panic: {}.",
                    panic.message
                )),
            }
            expect(run, block_on(spy(run, "next", ready(7))), 7);
        },
    );
}

/// The future was polled, nobody had called its waker, and the thread had slept like this before.
#[track_caller]
fn believed(run: &Run, sleep: Sleep) -> ! {
    match sleep {
        Sleep::Parked => run.diagnose(
            "bare-park",
            "A park returned, and the future was polled, although nobody had called its waker. A park returns at once if a token is \
             left over, and now and then for nothing: that it returns is no wake.",
        ),
        Sleep::Waited => run.diagnose(
            "if-not-while",
            "A condition variable's `wait` returned, and the future was polled, although nobody had called its waker. It may return \
             for nothing: that it returns is no wake.",
        ),
        Sleep::ForATime => run.diagnose(
            "sleeps-by-the-clock",
            "The thread slept for a time, and then the future was polled, although nobody had called its waker. That time has passed \
             is no wake.",
        ),
    }
}

const SPINS: &str = "The future was polled again and again, with no sleep in between, and nobody had called its waker. While it waits the \
                     thread should sleep, and cost nothing.";

#[track_caller]
fn expect(run: &Run, output: u32, right: u32) {
    if output != right {
        run.departs(format!(
            "The future completed with {right}, and `block_on` returned {output}."
        ));
    }
}

/// What is known about one future: how often it was polled, and how often its waker was called.
#[derive(Clone, Default)]
struct Tally {
    polls: Arc<AtomicUsize>,
    wakes: Arc<AtomicUsize>,
    run: Arc<Mutex<Option<Run>>>,
}

impl Tally {
    /// A future that is ready with 7 at its poll number `ready_at`, and at each poll before does
    /// `step`, with its waker.
    fn future(
        &self,
        run: &Run,
        ready_at: usize,
        mut step: impl FnMut(&Tally, &Waker),
    ) -> impl Future<Output = u32> {
        self.watch(run);
        let mut own = self.clone();
        let future = poll_fn(move |context| {
            if own.polled() >= ready_at {
                return Poll::Ready(7);
            }
            step(&own, context.waker());
            // How the future itself has slept explains nothing.
            let _its_own = last_sleep();
            thread::yield_now();
            Poll::Pending
        });
        spy(run, "future", future)
    }

    /// Counts a poll, and returns its number. One that nobody has asked for is explained by how
    /// the thread slept before it.
    fn polled(&mut self) -> usize {
        let polls = self.polls.fetch_add(1, Relaxed) + 1;
        let (slept, asked) = (last_sleep(), 1 + self.wakes.load(Relaxed));
        if polls > asked
            && let Some(run) = &*self.run.lock().unwrap_or_else(PoisonError::into_inner)
        {
            match slept {
                Some(sleep) => believed(run, sleep),
                None if polls > asked + FAR_TOO_MANY => run.diagnose("busy-poll", SPINS),
                None => {}
            }
        }
        polls
    }

    /// Polls that nobody has asked for, and with no sleep between them.
    #[track_caller]
    fn refuse_polls_in_a_row(&self, run: &Run) {
        let (polls, asked) = (self.polls.load(Relaxed), 1 + self.wakes.load(Relaxed));
        if polls > asked {
            let (called, due) = match asked {
                1 => (
                    "Nobody had called the waker",
                    "One poll was due, to begin with",
                ),
                _ => (
                    "The waker was called once",
                    "Two polls were due, one to begin with and one for the wake",
                ),
            };
            run.departs(format!(
                "{called}, and the future was polled {polls} times. {due}; the rest came with no sleep before it, and with no wake."
            ));
        }
    }

    fn wake(&self, waker: &Waker) {
        self.wakes.fetch_add(1, Relaxed);
        waker.wake_by_ref();
    }

    /// From now on far too many polls are diagnosed.
    fn watch(&self, run: &Run) {
        *self.run.lock().unwrap_or_else(PoisonError::into_inner) = Some(run.clone());
    }

    fn recorder(&self) -> probe::Recorder {
        let run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        run.as_ref().expect("it is watched").recorder().clone()
    }
}

/// Calls of a waker, and whether one of them is still going on.
#[derive(Clone, Default)]
struct Calls {
    begun: Arc<AtomicUsize>,
    done: Arc<AtomicUsize>,
}

impl Calls {
    fn count(&self, run: &Run, lane: &str, call: impl FnOnce()) {
        self.begun.fetch_add(1, Relaxed);
        let entered = run.recorder().enters(lane, "calls the waker");
        call();
        entered.returns("done");
        self.done.fetch_add(1, Relaxed);
    }

    fn begun(&self) -> usize {
        self.begun.load(Relaxed)
    }

    fn is_inside_one(&self) -> bool {
        self.begun() > self.done.load(Relaxed)
    }
}
