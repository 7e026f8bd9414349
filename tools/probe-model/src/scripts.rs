//! Every short script of wakes, for a function that drives one future and sleeps in between.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use probe::{Recorder, Run};
use probe_futures::spy;

use crate::sync::thread;
use crate::{Blame, at_length, expected};

/// A future that such a function drives.
pub type Driven = Pin<Box<dyn Future<Output = u32>>>;

/// The most polls of a script, without the last, which is ready.
const LENGTH: usize = 3;

/// Drives futures that wake themselves at each poll, in every order of six ways, for up to three polls.
///
/// # Panics
///
/// With `slept-with-work` if a wake was forgotten; without a name if another value came back, or a panic; with `busy` if it never ends.
#[track_caller]
pub fn every_short_script(
    run: impl Fn() -> Run + Clone + Send + Sync + 'static,
    busy: Blame<'_>,
    block_on: fn(Driven) -> u32,
) {
    let current: Arc<Mutex<Vec<InPoll>>> = Arc::default();
    let (tried, make) = (Arc::clone(&current), run.clone());
    let (seen, completed) = at_length(run.clone(), busy, move |run| {
        for script in scripts(LENGTH) {
            run.recorder().clear();
            tried
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone_from(&script);
            let future = scripted(&script, run.recorder(), Some(block_on));
            match expected(|| block_on(Box::pin(spy(run, "future", future)))) {
                Ok(7) => {}
                Ok(other) => {
                    let expected = expected_run(make(), &script);
                    let sentence =
                        format!("The future completed with 7, and `block_on` returned {other}.");
                    let last = expected.recorder().last_event();
                    let recording = expected.recorder().recording();
                    run.differs(None, sentence, run.recorder().last_event(), recording, last)
                }
                Err(panic) => run.departs(format!("`block_on` panicked: {}.", panic.message)),
            }
        }
    });
    if completed {
        return;
    }
    let script = current.lock().unwrap_or_else(PoisonError::into_inner);
    let expected = expected_run(run(), &script);
    let first_missing = seen.recorder().recording().events.len();
    seen.recorder().says("future", "is not polled again");
    seen.differs(
        Some("slept-with-work"),
        "The future was woken in its last poll, and then the thread slept. Found by trying all short runs: no shorter one shows it.",
        seen.recorder().last_event(),
        expected.recorder().recording(),
        Some(first_missing),
    );
}

/// How the future wakes itself in one poll, before it is pending, and what it does besides.
#[derive(Clone, Copy, PartialEq)]
enum InPoll {
    ByReference,
    ByValue,
    Twice,
    Unparks,
    Parks,
    BlocksOnAnother,
}

impl InPoll {
    const ALL: [InPoll; 6] = [
        InPoll::ByReference,
        InPoll::ByValue,
        InPoll::Twice,
        InPoll::Unparks,
        InPoll::Parks,
        InPoll::BlocksOnAnother,
    ];

    fn says(self) -> &'static str {
        match self {
            InPoll::ByReference => "wakes itself",
            InPoll::ByValue => "wakes itself, by value",
            InPoll::Twice => "wakes itself twice",
            InPoll::Unparks => "unparks its own thread, and wakes itself",
            InPoll::Parks => "wakes itself, parks the thread, and is unparked",
            InPoll::BlocksOnAnother => "wakes itself, and blocks on a future that wakes itself",
        }
    }

    fn happens(self, waker: &Waker, block_on: fn(Driven) -> u32) {
        if self == InPoll::Unparks {
            thread::current().unpark();
        }
        match self {
            InPoll::ByValue => {
                let by_value = waker.clone();
                by_value.wake();
            }
            InPoll::Twice => (0..2).for_each(|_| waker.wake_by_ref()),
            _ => waker.wake_by_ref(),
        }
        match self {
            InPoll::Parks => {
                thread::current().unpark();
                thread::park();
            }
            InPoll::BlocksOnAnother => {
                block_on(wakes_itself_once());
            }
            _ => {}
        }
    }
}

/// A future that wakes itself in its first poll, and is ready in its second.
fn wakes_itself_once() -> Driven {
    let mut polled = false;
    Box::pin(poll_fn(move |context| {
        context.waker().wake_by_ref();
        match std::mem::replace(&mut polled, true) {
            false => Poll::Pending,
            true => Poll::Ready(0),
        }
    }))
}

/// All scripts of up to `length` polls, shortest first.
fn scripts(length: usize) -> Vec<Vec<InPoll>> {
    let (mut all, mut layer) = (vec![Vec::new()], vec![Vec::new()]);
    for _ in 0..length {
        layer = layer
            .iter()
            .flat_map(|script: &Vec<InPoll>| {
                InPoll::ALL.map(|next| [&script[..], &[next]].concat())
            })
            .collect();
        all.extend(layer.iter().cloned());
    }
    all
}

/// A future that does one part of the script at each poll, and is ready with 7 after the last. Without `block_on` it only records.
fn scripted(
    script: &[InPoll],
    recorder: &Recorder,
    block_on: Option<fn(Driven) -> u32>,
) -> impl Future<Output = u32> + use<> {
    let (mut parts, recorder) = (Vec::from(script).into_iter(), recorder.clone());
    poll_fn(move |context| {
        let Some(part) = parts.next() else {
            return Poll::Ready(7);
        };
        recorder.says("future", part.says());
        if let Some(block_on) = block_on {
            part.happens(context.waker(), block_on);
        }
        Poll::Pending
    })
}

fn expected_run(run: Run, script: &[InPoll]) -> Run {
    let future = scripted(script, run.recorder(), None);
    let mut future = Box::pin(spy(&run, "future", future));
    let mut context = Context::from_waker(Waker::noop());
    while future.as_mut().poll(&mut context).is_pending() {}
    drop(future);
    run
}
