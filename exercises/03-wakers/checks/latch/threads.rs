//! Calls that meet, on several threads or inside of a destructor.

use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use super::super::subject::Latch;
use super::diagnoses::{DROPPED, begins_to_wait, one, overflow, spy_is_pending};
use probe::run;
use probe_futures::{poller, spy};
use probe_model::sync::thread;
use probe_model::{Blame, explore, no_moment_is_missed, once};

#[test]
fn an_opening_in_the_middle_of_a_poll_is_not_missed() {
    no_moment_is_missed(|| run!(), one);
}

#[test]
fn counts_from_several_threads_are_all_counted() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let latch = Latch::new(3);
            let a = poller(run.recorder(), "A");
            let mut wait = spy(run, "wait", latch.wait());
            let threads = ["first", "second", "third"].map(|name| {
                let (latch, recorder) = (latch.clone(), run.recorder().clone());
                thread::spawn(move || {
                    let call = recorder.enters(name, "count_down()");
                    latch.count_down();
                    call.returns("returns");
                })
            });
            let first = a.poll(Pin::new(&mut wait));
            for thread in threads {
                thread.join().expect("counting does not panic");
            }
            if first.is_ready() {
                return;
            }
            if spy_is_pending(run, &latch) {
                run.diagnose(
                    "lost-count",
                    "Three threads counted a latch of 3 down once each, and a wait is still pending: two threads read the same number, and \
                     one count was lost.",
                );
            }
            if a.wakes() == 0 {
                run.departs("The latch is open, and A, which waits, was not woken.");
            }
        },
    );
}

#[test]
fn two_threads_that_count_at_once_open_a_latch_of_one() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let latch = Latch::new(1);
            let panicked: Arc<Mutex<Option<String>>> = Arc::default();
            let threads = ["first", "second"].map(|name| {
                let (latch, recorder) = (latch.clone(), run.recorder().clone());
                let panicked = Arc::clone(&panicked);
                thread::spawn(move || {
                    let call = recorder.enters(name, "count_down()");
                    match panic::catch_unwind(AssertUnwindSafe(|| latch.count_down())) {
                        Ok(()) => call.returns("returns"),
                        Err(payload) => *panicked.lock().unwrap() = Some(overflow(payload)),
                    }
                })
            });
            for thread in threads {
                thread.join().expect("counting does not panic");
            }
            if let Some(message) = panicked.lock().unwrap().take() {
                run.diagnose(
                    "counted-below-zero",
                    format!(
                        "The count was 1, and two threads counted at the same time. Both found the latch closed, and the second subtraction \
                         panicked: {message}.",
                    ),
                );
            }
            if spy_is_pending(run, &latch) {
                run.diagnose(
                    "counted-below-zero",
                    "The count was 1, and two threads counted at the same time. Both found the latch closed, and both subtracted one. Now \
                     a wait is pending: the count went below zero.",
                );
            }
        },
    );
}

#[test]
fn a_waker_is_dropped_with_no_lock_held() {
    // The latch drops A's waker because a newer one replaces it, or because its wait is dropped.
    for replaced in [true, false] {
        once(
            || run!(),
            DROPPED,
            Blame::BUSY,
            move |run| {
                let latch = Latch::new(1);
                let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
                let mut owned = latch.wait();
                let mut wait = spy(run, "wait", latch.wait());
                let _pending = b.poll(Pin::new(&mut owned));
                begins_to_wait(run, &a, &mut wait);
                let recorder = run.recorder().clone();
                a.on_drop(move || {
                    let call = recorder
                        .enters("A", "its last waker is dropped, and it drops what it owns");
                    drop(owned);
                    call.returns("done");
                });
                if replaced {
                    begins_to_wait(run, &b, &mut wait);
                }
                run.recorder().says("wait", "is dropped");
                drop(wait);
            },
        );
    }
}
