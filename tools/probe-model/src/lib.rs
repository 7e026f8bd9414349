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

/// Bytes of stack for each thread of the model. Formatting a diagnosis takes more than shuttle's own 32 KiB.
const STACK: usize = 256 * 1024;

/// How many interleavings are tried of a run that has to fall asleep.
const SLEEPS: u64 = 5;

/// What a failure of the model itself means: all threads blocked, or one that never stops.
#[derive(Debug, Clone, Copy)]
pub struct Blame<'a> {
    /// The mistake's code, if the law is sure of it.
    pub mistake: Option<&'a str>,
    /// What was seen, and what does that.
    pub sentence: &'a str,
}

impl Blame<'static> {
    /// Nobody can go on, and no law is sure why.
    pub const ASLEEP: Blame<'static> = Blame {
        mistake: None,
        sentence: "Everything stands still: your code waits for something that nobody is left to do. A lock that is taken twice by one \
                   thread does this, too.",
    };
    /// It never ends, and no law is sure why.
    pub const BUSY: Blame<'static> = Blame {
        mistake: None,
        sentence: "Your code goes round in circles and never comes back.",
    };
}

impl Blame<'_> {
    #[track_caller]
    fn on(&self, run: &Run) -> ! {
        match self.mistake {
            Some(mistake) => run.diagnose(mistake, self.sentence),
            None => run.departs(self.sentence),
        }
    }
}

/// Runs `body` under many interleavings of the threads that it starts with [`sync::thread`].
///
/// `run` makes the run of one interleaving; the one that fails is the one that is reported.
///
/// # Panics
///
/// With whatever `body` diagnoses; with `asleep` when all threads are blocked and nobody can go on; with `busy` when a run takes
/// more than twenty thousand steps; with `unguarded-cell` when two threads are inside one [`sync::UnsafeCell`]. Any other panic of
/// the code under test is told without a name.
#[track_caller]
pub fn explore(
    run: impl Fn() -> Run + Send + Sync + 'static,
    asleep: Blame<'_>,
    busy: Blame<'_>,
    body: impl Fn(&Run) + Send + Sync + 'static,
) {
    let (newest, end) = attempt(SEED, SCHEDULES, run, body);
    judge(&newest, end, asleep, busy);
}

/// Runs `body` once, as the first thread of a model, and gives back its run: for promises about code that uses [`sync`], and for
/// which one interleaving is enough.
///
/// # Panics
///
/// As [`explore`].
#[track_caller]
pub fn once(
    run: impl Fn() -> Run + Send + Sync + 'static,
    asleep: Blame<'_>,
    busy: Blame<'_>,
    body: impl Fn(&Run) + Send + Sync + 'static,
) -> Run {
    let (newest, end) = attempt(SEED, 1, run, body);
    judge(&newest, end, asleep, busy);
    newest
}

/// [`once`], for code that is not expected to sleep or to go round in circles: if it does, no mistake is named.
#[track_caller]
pub fn alone(
    run: impl Fn() -> Run + Send + Sync + 'static,
    body: impl Fn(&Run) + Send + Sync + 'static,
) -> Run {
    once(run, Blame::ASLEEP, Blame::BUSY, body)
}

/// Runs `body` under a few interleavings, each of which must end with all threads asleep: for promises about code that has to wait.
///
/// # Panics
///
/// With `returned` if `body` comes to an end; with `busy` if it goes round in circles; else as [`explore`].
#[track_caller]
pub fn falls_asleep(
    run: impl Fn() -> Run + Send + Sync + 'static,
    busy: Blame<'_>,
    returned: Blame<'_>,
    body: impl Fn(&Run) + Send + Sync + 'static,
) {
    let (run, body) = (Arc::new(run), Arc::new(body));
    for seed in SEED..SEED + SLEEPS {
        let (run, body) = (Arc::clone(&run), Arc::clone(&body));
        match attempt(seed, 1, move || run(), move |run| body(run)) {
            (_, End::Asleep) => {}
            (newest, End::Returned) => returned.on(&newest),
            (newest, end) => judge(&newest, end, Blame::ASLEEP, busy),
        }
    }
}

/// How the model's threads ended.
enum End {
    Returned,
    Asleep,
    Busy,
    Clash,
    Panicked(String),
}

/// Runs `body` under so many interleavings, up to the first that does not return, and says how that one ended.
fn attempt(
    seed: u64,
    schedules: usize,
    run: impl Fn() -> Run + Send + Sync + 'static,
    body: impl Fn(&Run) + Send + Sync + 'static,
) -> (Run, End) {
    let current: Arc<Mutex<Option<Run>>> = Arc::default();
    let newest = Arc::clone(&current);
    let outcome = panics::expected(move || {
        runner(seed, schedules).run(move || {
            let run = run();
            *newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(run.clone());
            body(&run);
        })
    });
    let end = match outcome {
        Ok(_) => End::Returned,
        Err(panic) if panic.message.starts_with("deadlock") => End::Asleep,
        Err(panic) if panic.message.contains("max_steps") => End::Busy,
        Err(panic) if panic.message.contains(sync::CLASH) => End::Clash,
        Err(panic) => End::Panicked(panic.message),
    };
    let newest = current
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    (newest.expect("a run had begun"), end)
}

#[track_caller]
fn judge(run: &Run, end: End, asleep: Blame<'_>, busy: Blame<'_>) {
    match end {
        End::Returned => {}
        End::Asleep => asleep.on(run),
        End::Busy => busy.on(run),
        End::Clash => run.diagnose(
            "unguarded-cell",
            "Two threads were inside the cell at the same time: one of them had not made sure that the other was out.",
        ),
        End::Panicked(message) => run.departs(format!(
            "Under one interleaving of the threads it panicked: {message}."
        )),
    }
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

fn runner(seed: u64, schedules: usize) -> Runner<RandomScheduler> {
    Runner::new(RandomScheduler::new_from_seed(seed, schedules), config())
}

fn config() -> Config {
    let mut config = Config::new();
    config.max_steps = MaxSteps::FailAfter(STEPS);
    config.stack_size = STACK;
    config.failure_persistence = shuttle::FailurePersistence::None;
    config
}
