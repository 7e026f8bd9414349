//! The same code under many interleavings of its threads.
//!
//! A mistake that needs two threads to meet in a gap of nanoseconds is not found by running the code again and again. It is found
//! by deciding, at every lock, every atomic and every park, which thread goes on: that is what [shuttle] does. Code that is checked
//! this way says `use crate::sync::…`; whoever builds it supplies that module, and the check supplies [`sync`].
//!
//! Why shuttle and not loom: both find the lost wake-up of a careless `block_on` in a few hundredths of a second. loom tries every
//! interleaving, and ends the process when it finds a bad one; shuttle draws them at random from a fixed seed, and fails with a
//! panic, which can be caught and explained. A learner is better served by the second.
//!
//! The code under test must not reach for `std::sync` where [`sync`] has the same thing: the model cannot see what happens there, and
//! a lock of the standard library that is held by a paused thread of the model blocks all of them. [`Arc`](std::sync::Arc) is the
//! same in both.
//!
//! [shuttle]: https://docs.rs/shuttle

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use probe::{Run, panics};
use probe_futures::laws::waiting::Wait;
use probe_futures::{poller, spy};
use shuttle::scheduler::RandomScheduler;
use shuttle::{Config, MaxSteps, Runner};

pub mod sync;

/// How many interleavings are tried. A careless `block_on`, and a look before a registration, fell within the first ten.
pub const SCHEDULES: usize = 300;

/// The seed of the interleavings: the same ones every time.
const SEED: u64 = 0x0f0e_a5e5;

/// More steps than any check's code takes: whoever takes more goes round in circles.
const STEPS: usize = 20_000;

/// What a failure of the model itself means: all threads blocked, or one that never stops.
#[derive(Debug, Clone, Copy)]
pub struct Blame<'a> {
    /// The mistake's code, if the law is sure of it.
    pub mistake: Option<&'a str>,
    /// What was seen, and what does that.
    pub sentence: &'a str,
}

/// Runs `body` under many interleavings of the threads that it starts with [`sync::thread`].
///
/// `run` makes the run of one interleaving; the one that fails is the one that is reported.
///
/// # Panics
///
/// With whatever `body` diagnoses; with `asleep` when all threads are blocked and nobody can go on; with `busy` when a run takes
/// more than twenty thousand steps. Any other panic of the code under test passes through.
#[track_caller]
pub fn explore(
    run: impl Fn() -> Run + Send + Sync + 'static,
    asleep: Blame<'_>,
    busy: Blame<'_>,
    body: impl Fn(&Run) + Send + Sync + 'static,
) {
    let current: Arc<Mutex<Option<Run>>> = Arc::default();
    let newest = Arc::clone(&current);
    let outcome = panics::expected(move || {
        runner().run(move || {
            let run = run();
            *newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(run.clone());
            body(&run);
        })
    });
    let Err(panic) = outcome else { return };
    let failed = current
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
        .expect("a run had begun");
    let blame = match panic.message.as_str() {
        message if message.starts_with("deadlock!") => asleep,
        message if message.contains("max_steps") => busy,
        message => failed.departs(format!(
            "Under one interleaving of the threads it panicked: {message}."
        )),
    };
    match blame.mistake {
        Some(mistake) => failed.diagnose(mistake, blame.sentence),
        None => failed.departs(blame.sentence),
    }
}

/// Runs `body` as the model's only thread, once: for promises about code that uses [`sync`] and has no interleavings.
#[track_caller]
pub fn alone(body: impl Fn() + Send + Sync + 'static) {
    Runner::new(RandomScheduler::new_from_seed(SEED, 1), config()).run(body);
}

/// The event of a wait may happen at any moment, also in the middle of a poll, and is not missed. Names `check-then-register`.
///
/// It is sure of that name only for futures that keep the laws of [`probe_futures::laws::waiting`]: try these first.
#[track_caller]
pub fn no_moment_is_missed<F>(
    run: impl Fn() -> Run + Send + Sync + 'static,
    make: impl Fn() -> Wait<F> + Send + Sync + 'static,
) where
    F: Future<Output: Debug> + 'static,
{
    let asleep = Blame {
        mistake: None,
        sentence: "The future and its event wait for each other, and neither can go on.",
    };
    let busy = Blame {
        mistake: None,
        sentence: "A poll, or the event, goes round in circles and never returns.",
    };
    explore(run, asleep, busy, move |run| {
        let Wait { future, event } = make();
        let mut future = spy(run, "future", future);
        let a = poller(run.recorder(), "A");
        let recorder = run.recorder().clone();
        let other = sync::thread::spawn(move || {
            let call = recorder.enters("event", "happens");
            event();
            call.returns("done");
        });
        let first = a.poll(Pin::new(&mut future));
        other.join().expect("an event does not panic");
        if first.is_ready() {
            return;
        }
        if a.wakes() == 0 {
            run.diagnose(
                "check-then-register",
                "It happened while the poll was under way: after the look, and before the waker was stored. There was no waker to \
                 call then, and nobody looks again.",
            );
        }
        if a.poll(Pin::new(&mut future)).is_pending() {
            run.departs("It has happened, A was woken, and the poll after that is still pending.");
        }
    });
}

fn runner() -> Runner<RandomScheduler> {
    Runner::new(RandomScheduler::new_from_seed(SEED, SCHEDULES), config())
}

fn config() -> Config {
    let mut config = Config::new();
    config.max_steps = MaxSteps::FailAfter(STEPS);
    config.failure_persistence = shuttle::FailurePersistence::None;
    config
}
