//! The model accepts right code of different styles, and finds the mistakes that need an unlucky moment.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use probe::panics::{Verdict, verdict_of};
use probe::{Run, run};
use probe_futures::laws::waiting::{self, Wait};
use probe_model::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use probe_model::sync::{self, Condvar, Mutex, UnsafeCell, mpsc, thread};
use probe_model::{
    Blame, Sleep, Turn, alone, comes_to_its_end, explore, explore_standstills, explore_turns,
    falls_asleep, last_sleep, no_moment_is_missed, once, watched,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Right: looks and stores under one lock.
    UnderOneLock,
    /// Right: stores first, then looks; and clones the waker before it takes any lock.
    StoresFirst,
    /// Wrong: looks, lets go of the lock, takes it again and stores.
    LooksThenStores,
    /// Wrong in the same way, with the waker cloned early: no hook inside `clone` can find it.
    LooksThenStoresClonedEarly,
    /// Right, but for its other side, which takes the waker before anything has happened.
    TakesTheWakerTooSoon,
    /// Wrong: when another thread has the lock it gives up, and still returns `Pending`.
    GivesUpAtALock,
}

struct Flag {
    style: Style,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    happened: Mutex<bool>,
    waker: Mutex<Option<Waker>>,
}

impl Future for Flag {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let shared = &self.shared;
        let store = |waker| *shared.waker.lock().unwrap() = Some(waker);
        match self.style {
            Style::GivesUpAtALock => {
                let Ok(happened) = shared.happened.try_lock() else {
                    return Poll::Pending;
                };
                if *happened {
                    return Poll::Ready(());
                }
                store(context.waker().clone());
                Poll::Pending
            }
            Style::UnderOneLock | Style::TakesTheWakerTooSoon => {
                let happened = shared.happened.lock().unwrap();
                if *happened {
                    return Poll::Ready(());
                }
                store(context.waker().clone());
                Poll::Pending
            }
            Style::StoresFirst => {
                let early = context.waker().clone();
                store(early);
                if *shared.happened.lock().unwrap() {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            }
            Style::LooksThenStores => {
                if *shared.happened.lock().unwrap() {
                    return Poll::Ready(());
                }
                store(context.waker().clone());
                Poll::Pending
            }
            Style::LooksThenStoresClonedEarly => {
                let early = context.waker().clone();
                if *shared.happened.lock().unwrap() {
                    return Poll::Ready(());
                }
                store(early);
                Poll::Pending
            }
        }
    }
}

impl Drop for Flag {
    fn drop(&mut self) {
        *self.shared.waker.lock().unwrap() = None;
    }
}

fn wait(style: Style) -> Wait<Flag> {
    let shared = Arc::new(Shared::default());
    let theirs = Arc::clone(&shared);
    Wait::new(Flag { style, shared }, move || {
        if style == Style::TakesTheWakerTooSoon {
            let waker = theirs.waker.lock().unwrap().take();
            *theirs.happened.lock().unwrap() = true;
            waker.into_iter().for_each(Waker::wake);
            return;
        }
        *theirs.happened.lock().unwrap() = true;
        let waker = theirs.waker.lock().unwrap().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    })
}

fn under_the_model(style: Style) -> Verdict {
    verdict_of(|| no_moment_is_missed(|| run!(), move || wait(style)))
}

#[test]
fn right_futures_miss_no_moment() {
    for style in [Style::UnderOneLock, Style::StoresFirst] {
        assert_eq!(under_the_model(style), Verdict::Kept, "{style:?}");
    }
}

#[test]
fn a_look_before_the_registration_is_found_and_named_even_if_the_waker_was_cloned_early() {
    for style in [Style::LooksThenStores, Style::LooksThenStoresClonedEarly] {
        assert_eq!(
            code_of(&under_the_model(style)),
            "check-then-register",
            "{style:?}"
        );
    }
}

#[test]
fn a_waker_that_is_taken_before_the_event_is_named_and_is_not_the_polls_mistake() {
    let verdict = under_the_model(Style::TakesTheWakerTooSoon);
    assert_eq!(code_of(&verdict), "woke-too-soon");
}

#[test]
fn a_poll_that_keeps_no_waker_at_one_moment_is_found_and_gets_no_name() {
    let Verdict::Broken(diagnosis) = under_the_model(Style::GivesUpAtALock) else {
        panic!("not seen")
    };
    assert_eq!(diagnosis.mistake, None, "{diagnosis}");
}

#[test]
fn the_laws_that_try_one_order_of_events_do_not_see_it() {
    for style in [Style::LooksThenStores, Style::LooksThenStoresClonedEarly] {
        let verdict = verdict_of(|| {
            alone(
                || run!(),
                move |run| {
                    waiting::wakes_when_it_happens(run, wait(style));
                    waiting::wakes_the_latest_poller(run, wait(style));
                    waiting::a_poll_proves_nothing(run, wait(style));
                    waiting::keeps_no_waker_when_dropped(run, wait(style));
                },
            );
        });
        assert_eq!(verdict, Verdict::Kept, "{style:?}");
    }
}

#[test]
fn the_trace_shows_the_event_in_the_middle_of_the_poll_and_is_the_same_every_time() {
    let trace = || match under_the_model(Style::LooksThenStores) {
        Verdict::Broken(diagnosis) => diagnosis.recording.to_string(),
        other => panic!("{other:?}"),
    };
    let first = trace();
    assert!((0..5).all(|_| trace() == first), "{first}");
    let position = |text| {
        first
            .find(text)
            .unwrap_or_else(|| panic!("{text} in {first}"))
    };
    assert!(
        position("polled by A") < position("→ done") && position("→ done") < position("→ pending"),
        "{first}"
    );
}

const ASLEEP: Blame<'_> = Blame {
    mistake: Some("asleep"),
    sentence: "Nobody can go on.",
};
const BUSY: Blame<'_> = Blame {
    mistake: Some("busy"),
    sentence: "It goes round in circles.",
};

#[test]
fn threads_that_all_sleep_are_named_as_the_check_says() {
    let verdict = verdict_of(|| explore(|| run!(), ASLEEP, BUSY, |_| thread::park()));
    assert_eq!(code_of(&verdict), "asleep");
}

#[test]
fn a_thread_that_goes_round_in_circles_is_named_as_the_check_says() {
    let verdict = verdict_of(|| {
        explore(
            || run!(),
            ASLEEP,
            BUSY,
            |_| {
                let never = AtomicBool::new(false);
                while !never.load(Ordering::Acquire) {
                    thread::yield_now();
                }
            },
        );
    });
    assert_eq!(code_of(&verdict), "busy");
}

#[test]
fn a_run_that_has_to_fall_asleep_may_not_return_nor_go_round_in_circles() {
    let returned = Blame {
        mistake: Some("returned"),
        sentence: "It came back.",
    };
    let verdict = |body: fn(&Run)| {
        verdict_of(move || {
            falls_asleep(|| run!(), BUSY, returned, body);
        })
    };
    assert_eq!(verdict(|_| thread::park()), Verdict::Kept);
    assert_eq!(code_of(&verdict(|_| ())), "returned");
    let spins = verdict(|_| {
        let never = AtomicBool::new(false);
        while !never.load(Ordering::Acquire) {}
    });
    assert_eq!(code_of(&spins), "busy");
}

#[test]
fn whether_a_run_comes_to_its_end_can_be_asked() {
    let ends = |body: fn(&Run)| comes_to_its_end(|| run!(), BUSY, body).1;
    assert!(ends(|_| ()));
    assert!(!ends(|_| thread::park()));
    let spins = verdict_of(|| {
        comes_to_its_end(
            || run!(),
            BUSY,
            |_| {
                loop {
                    thread::yield_now();
                }
            },
        );
    });
    assert_eq!(code_of(&spins), "busy");
}

#[test]
fn a_lock_that_one_thread_takes_twice_is_no_hang_and_is_told_as_that() {
    let about_the_lock = Blame {
        mistake: Some("called-out-under-lock"),
        ..ASLEEP
    };
    let of_a_wake = Blame {
        mistake: Some("wake-under-lock"),
        ..ASLEEP
    };
    for (asleep, code, says) in [
        (ASLEEP, "locked-twice", "that it holds already"),
        (Blame::ASLEEP, "locked-twice", "that it holds already"),
        (about_the_lock, "called-out-under-lock", ASLEEP.sentence),
        (of_a_wake, "wake-under-lock", ", inside `wake`"),
    ] {
        let verdict = verdict_of(|| {
            once(
                || run!(),
                asleep,
                BUSY,
                |_| {
                    let lock = Mutex::new(());
                    let _held = lock.lock().unwrap();
                    drop(lock.lock());
                },
            );
        });
        let Verdict::Broken(diagnosis) = verdict else {
            panic!("{verdict:?}")
        };
        assert_eq!(diagnosis.mistake.as_deref(), Some(code));
        assert!(diagnosis.sentence.contains(says), "{diagnosis}");
    }
}

/// Waits at a condition variable until another thread has set a flag, and counts how often the wait returned before that.
fn waits_for_a_flag(run: &Run) {
    let shared = Arc::new((Mutex::new(false), Condvar::new()));
    let theirs = Arc::clone(&shared);
    thread::spawn(move || {
        *theirs.0.lock().unwrap() = true;
        theirs.1.notify_all();
    });
    let mut is_set = shared.0.lock().unwrap();
    while !*is_set {
        is_set = shared.1.wait(is_set).unwrap();
        if !*is_set {
            run.recorder().says("wait", "returned for nothing");
        }
    }
}

/// The most waits that returned for nothing in one of the runs, and the number of runs.
fn returns_for_nothing(
    tries: impl Fn(Box<dyn Fn(&Run) + Send + Sync>) -> Verdict,
) -> (usize, usize) {
    let seen: Arc<std::sync::Mutex<Vec<usize>>> = Arc::default();
    let counts = Arc::clone(&seen);
    let verdict = tries(Box::new(move |run| {
        waits_for_a_flag(run);
        let events = run.recorder().recording().events.len();
        counts.lock().unwrap().push(events);
    }));
    assert_eq!(verdict, Verdict::Kept);
    let seen = seen.lock().unwrap();
    (seen.iter().copied().max().unwrap_or_default(), seen.len())
}

#[test]
fn a_wait_ends_spuriously_in_some_interleavings_and_code_that_checks_again_gets_through() {
    let (most, runs) =
        returns_for_nothing(|body| verdict_of(|| explore(|| run!(), ASLEEP, BUSY, body)));
    assert_eq!((most, runs), (2, probe_model::SCHEDULES));
}

#[test]
fn where_one_interleaving_is_tried_a_sleep_ends_when_it_is_told_to() {
    let (most, runs) = returns_for_nothing(|body| {
        verdict_of(|| {
            once(|| run!(), ASLEEP, BUSY, body);
        })
    });
    assert_eq!((most, runs), (0, 1));
    let verdict = verdict_of(|| {
        falls_asleep(
            || run!(),
            BUSY,
            ASLEEP,
            |_| {
                thread::spawn(|| (0..50).for_each(|_| thread::yield_now()));
                thread::park();
            },
        );
    });
    assert_eq!(verdict, Verdict::Kept);
}

#[test]
fn the_ways_to_sleep_are_noted_for_each_thread() {
    alone(
        || run!(),
        |_| {
            thread::current().unpark();
            thread::park();
            assert_eq!(thread::spawn(last_sleep).join().unwrap(), None);
            assert_eq!(last_sleep(), Some(Sleep::Parked));
            assert_eq!(last_sleep(), None);
            thread::park_timeout(A_MILLISECOND);
            assert_eq!(last_sleep(), Some(Sleep::ForATime));
        },
    );
}

const A_MILLISECOND: std::time::Duration = std::time::Duration::from_millis(1);

#[test]
fn code_that_sleeps_for_a_time_again_and_again_sleeps_by_the_clock_in_every_style() {
    let polls = Blame {
        mistake: Some("busy-poll"),
        ..BUSY
    };
    let ways: [fn(); 4] = [
        || thread::sleep(A_MILLISECOND),
        || thread::park_timeout(A_MILLISECOND),
        || {
            let (lock, changed) = (Mutex::new(()), Condvar::new());
            let held = lock.lock().unwrap();
            assert!(
                changed
                    .wait_timeout(held, A_MILLISECOND)
                    .unwrap()
                    .1
                    .timed_out()
            );
        },
        || {
            let (_sender, receiver) = mpsc::channel::<u32>();
            receiver.recv_timeout(A_MILLISECOND).unwrap_err();
        },
    ];
    for way in ways {
        for (busy, code) in [(polls, "sleeps-by-the-clock"), (BUSY, "busy")] {
            let verdict = verdict_of(|| {
                once(
                    || run!(),
                    ASLEEP,
                    busy,
                    move |_| {
                        loop {
                            way();
                        }
                    },
                );
            });
            assert_eq!(code_of(&verdict), code);
        }
    }
}

#[test]
fn two_threads_inside_one_cell_are_named() {
    struct Shared(UnsafeCell<u32>);
    // SAFETY: none: the test is about a cell without a guard. The model lets one thread run at a time, and panics
    // before the second one comes to the contents.
    #[allow(unsafe_code)]
    unsafe impl Sync for Shared {}
    let verdict = verdict_of(|| {
        explore(
            || run!(),
            ASLEEP,
            BUSY,
            |_| {
                let shared = Arc::new(Shared(UnsafeCell::new(0)));
                let theirs = Arc::clone(&shared);
                let other = thread::spawn(move || theirs.0.with_mut(|_| ()));
                shared.0.with_mut(|_| ());
                other.join().unwrap();
            },
        );
    });
    assert_eq!(code_of(&verdict), "unguarded-cell");
}

#[test]
fn a_step_can_be_taken_while_a_thread_is_inside_a_cell() {
    alone(
        || run!(),
        |run| {
            let recorder = run.recorder().clone();
            sync::inside_the_next_cell(move || recorder.says("other", "comes by"));
            let cell = UnsafeCell::new(0);
            cell.with_mut(|_| run.recorder().says("cell", "is entered"));
            cell.with_mut(|_| ());
            assert_eq!(
                run.recorder().recording().to_string(),
                " 1  other  comes by\n 2  cell   is entered\n"
            );
        },
    );
}

#[test]
fn channels_of_the_model_wake_the_waiting_thread() {
    let verdict = verdict_of(|| {
        explore(
            || run!(),
            ASLEEP,
            BUSY,
            |_| {
                let (sender, receiver) = mpsc::channel();
                thread::spawn(move || sender.send(7));
                assert_eq!(receiver.recv(), Ok(7));
            },
        );
    });
    assert_eq!(verdict, Verdict::Kept);
}

#[test]
fn a_todo_in_the_code_under_test_is_still_a_todo() {
    let verdict = verdict_of(|| explore(|| run!(), ASLEEP, BUSY, |_| todo!("write this")));
    assert_eq!(
        verdict,
        Verdict::Unfinished("not yet implemented: write this".to_owned())
    );
}

#[test]
fn any_other_panic_is_told_without_a_name() {
    let verdict = verdict_of(|| explore(|| run!(), ASLEEP, BUSY, |_| panic!("index out of range")));
    let Verdict::Broken(diagnosis) = verdict else {
        panic!("{verdict:?}")
    };
    assert_eq!(diagnosis.mistake, None);
    assert!(
        diagnosis.sentence.contains("index out of range"),
        "{diagnosis}"
    );
}

#[track_caller]
fn code_of(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Broken(diagnosis) => diagnosis.mistake.as_deref().expect("a named mistake"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn code_that_aborts_the_process_is_told_by_its_first_panic() {
    for (which, code, sentence) in [
        ("lock", Some("locked-twice"), "A thread locked"),
        ("index", None, "It panicked, on line"),
    ] {
        let report =
            std::env::temp_dir().join(format!("probe-model-{which}-{}.report", std::process::id()));
        let ended = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "model::aborts_if_it_is_told_to", "--nocapture"])
            .env("PROBE_MODEL_ABORT", which)
            .env(probe::report::VARIABLE, &report)
            .output()
            .unwrap();
        let entries = probe::report::read(&std::fs::read_to_string(&report).unwrap());
        std::fs::remove_file(&report).unwrap();
        assert!(!ended.status.success());
        let Some(probe::report::Entry::Diagnosis(diagnosis)) = entries.last() else {
            panic!("{entries:?}")
        };
        assert_eq!(diagnosis.mistake.as_deref(), code);
        assert!(diagnosis.sentence.starts_with(sentence), "{diagnosis}");
    }
}

/// Not a promise of its own: the process that the test above starts.
#[test]
fn aborts_if_it_is_told_to() {
    struct Careless(Arc<Mutex<Vec<u32>>>);
    impl Drop for Careless {
        fn drop(&mut self) {
            self.0.lock().unwrap().clear();
        }
    }
    let Ok(which) = std::env::var("PROBE_MODEL_ABORT") else {
        return;
    };
    once(
        || run!(),
        ASLEEP,
        BUSY,
        move |_| {
            let careless = Careless(Arc::default());
            let held = careless.0.lock().unwrap();
            match which.as_str() {
                "lock" => drop(careless.0.lock()),
                _ => assert_eq!(held[7], 0),
            }
        },
    );
}

#[test]
fn a_system_that_refuses_threads_is_an_error_of_the_builder_until_it_starts_them_again() {
    explore(
        || run!(),
        ASLEEP,
        BUSY,
        |_| {
            let start = || thread::Builder::new().name("a".to_owned()).spawn(|| 7);
            thread::system_refuses_threads(true);
            assert!(start().is_err());
            thread::system_refuses_threads(false);
            assert_eq!(start().unwrap().join().unwrap(), 7);
        },
    );
}

#[test]
fn a_value_that_two_threads_initialize_at_once_is_made_once() {
    use probe_model::sync::{LazyLock, OnceLock};
    explore(
        || run!(),
        ASLEEP,
        BUSY,
        |_| {
            let lazy: LazyLock<u32> = LazyLock::new(|| 7);
            let made = Arc::new((OnceLock::new(), lazy, AtomicUsize::new(0)));
            let theirs = Arc::clone(&made);
            let make = |made: &(OnceLock<u32>, LazyLock<u32>, AtomicUsize)| {
                let value = *made.0.get_or_init(|| {
                    made.2.fetch_add(1, Ordering::SeqCst);
                    thread::yield_now();
                    7
                });
                assert_eq!(value, *made.1);
            };
            let other = thread::spawn(move || make(&theirs));
            make(&made);
            other.join().unwrap();
            assert_eq!(made.2.load(Ordering::SeqCst), 1);
            assert_eq!(made.0.set(8), Err(8));
        },
    );
}

/// Two threads that enter a cell one after the other, by a flag with these orderings; or with relaxed ones between two fences.
fn handed_over(store: Ordering, load: Ordering, fences: bool) -> Verdict {
    struct Shared(UnsafeCell<u32>, AtomicBool);
    // SAFETY: a thread enters the cell only after the flag has told it that the other has left; the model watches.
    #[allow(unsafe_code)]
    unsafe impl Sync for Shared {}
    verdict_of(|| {
        explore(
            || run!(),
            ASLEEP,
            BUSY,
            move |_| {
                watched(|| {
                    let shared = Arc::new(Shared(UnsafeCell::new(0), AtomicBool::new(false)));
                    let theirs = Arc::clone(&shared);
                    let writer = thread::spawn(move || {
                        theirs.0.with_mut(|_| ());
                        if fences {
                            fence(Ordering::Release);
                        }
                        theirs.1.store(true, store);
                    });
                    let reader = thread::spawn(move || {
                        if shared.1.load(load) {
                            if fences {
                                fence(Ordering::Acquire);
                            }
                            shared.0.with_mut(|_| ());
                        }
                    });
                    writer.join().unwrap();
                    reader.join().unwrap();
                });
            },
        );
    })
}

#[test]
fn an_ordering_that_does_not_make_a_cell_visible_is_found() {
    use Ordering::{Acquire, Relaxed, Release, SeqCst};
    for (store, load, fences) in [
        (Release, Acquire, false),
        (SeqCst, SeqCst, false),
        (Relaxed, Relaxed, true),
    ] {
        assert_eq!(handed_over(store, load, fences), Verdict::Kept);
    }
    for (store, load) in [(Relaxed, Acquire), (Release, Relaxed), (Relaxed, Relaxed)] {
        let Verdict::Broken(diagnosis) = handed_over(store, load, false) else {
            panic!("{store:?} and {load:?} are accepted")
        };
        assert_eq!(diagnosis.mistake.as_deref(), Some("ordering-too-weak"));
    }
}

#[test]
fn a_mistake_that_needs_one_thread_to_stand_still_for_many_steps_is_found_with_standstills() {
    /// Two steps that another thread may see halfway, if it takes forty steps meanwhile.
    fn halfway(run: &Run) {
        let steps = sync::Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
        let seen = sync::Arc::clone(&steps);
        let other = thread::spawn(move || {
            let halfway = |_| {
                thread::yield_now();
                seen[0].load(Ordering::SeqCst) && !seen[1].load(Ordering::SeqCst)
            };
            (0..40).all(halfway)
        });
        for step in &*steps {
            step.store(true, Ordering::SeqCst);
        }
        if other.join().unwrap() {
            run.departs("it was seen halfway for forty steps");
        }
    }
    let random = verdict_of(|| explore(|| run!(), Blame::ASLEEP, Blame::BUSY, halfway));
    assert_eq!(random, Verdict::Kept);
    let standstills =
        verdict_of(|| explore_standstills(300, 1, || run!(), Blame::ASLEEP, Blame::BUSY, halfway));
    assert_ne!(standstills, Verdict::Kept);
}

#[test]
fn turns_that_are_written_down_let_a_thread_stand_still_twice() {
    /// Two stores, with a load before, between and behind them.
    fn between(run: &Run) {
        let number = sync::Arc::new(AtomicUsize::new(0));
        let read = sync::Arc::clone(&number);
        let reader = thread::spawn(move || [(); 3].map(|()| read.load(Ordering::SeqCst)));
        let writer = thread::spawn(move || {
            for value in [1, 2] {
                number.store(value, Ordering::SeqCst);
            }
        });
        writer.join().unwrap();
        if reader.join().unwrap() == [0, 1, 2] {
            run.departs("each load saw another number");
        }
    }
    let one_after_the_other = [[Turn::all(0), Turn::all(1), Turn::all(2)].to_vec()];
    let verdict = verdict_of(|| {
        explore_turns(
            one_after_the_other,
            || run!(),
            Blame::ASLEEP,
            Blame::BUSY,
            between,
        );
    });
    assert_eq!(verdict, Verdict::Kept);
    let twice = (0..16).map(|steps| {
        let (reads, writes) = (Turn::of(1, steps / 4), Turn::of(2, steps % 4));
        vec![
            Turn::all(0),
            reads,
            writes,
            Turn::of(1, 1),
            Turn::all(2),
            Turn::all(1),
        ]
    });
    let verdict =
        verdict_of(|| explore_turns(twice, || run!(), Blame::ASLEEP, Blame::BUSY, between));
    assert_ne!(verdict, Verdict::Kept);
}
