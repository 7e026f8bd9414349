//! The same code under many interleavings of its threads.
//!
//! It knows locks, atomics and threads. It does not know loops or sockets.
//!
//! A mistake that needs two threads to meet in a gap of nanoseconds is not found by running the code again and again. It is found
//! by deciding, at every lock, every atomic and every park, which thread goes on: that is what [shuttle] does. Code that is checked
//! this way says `use crate::sync::…`; the package that builds it supplies that module, and the check supplies [`sync`].
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

use probe::panics::{self, Caught};
use probe::runs::{Machine, Operation, Search, no_more_is_left};
use probe::{Run, What, heap, leaks};
use probe_futures::laws::waiting::Wait;
use probe_futures::{poller, spy};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, MaxSteps, Runner};

mod aborts;
mod orderings;
mod scripts;
mod sleep;
mod stopped;
pub mod sync;
mod tally;
mod turns;

pub use orderings::{Unguarded, watched};
pub use scripts::{Driven, every_short_script};
use sleep::{Faithful, Stubborn};
pub use sleep::{Sleep, last_sleep};
pub use stopped::{Both, no_thread_waits};
pub use tally::{Calls, Tally};
pub use turns::{Turn, explore_turns};

/// How many interleavings are tried. A careless `block_on`, and a look before a registration, fell within the first ten.
pub const SCHEDULES: usize = 300;

/// The seed of the interleavings: the same ones every time.
const SEED: u64 = 0x0f0e_a5e5;

/// More steps than any check's code takes: code that takes more loops without end.
const STEPS: usize = 20_000;

/// Bytes of stack for each thread of the model. Formatting a diagnosis takes more than shuttle's own 32 KiB.
const STACK: usize = 256 * 1024;

/// What a failure of the model itself means: all threads blocked, or one that never stops.
#[derive(Debug, Clone, Copy)]
pub struct Blame<'a> {
    /// The mistake's code, if the law is sure of it.
    pub mistake: Option<&'a str>,
    /// What was seen, and what does that.
    pub sentence: &'a str,
}

impl Blame<'static> {
    /// No thread can go on, and no law knows why.
    pub const ASLEEP: Blame<'static> = Blame {
        mistake: None,
        sentence: "All threads wait, and none is left that could end the wait. A lock that is taken twice by one thread does this, too.",
    };
    /// It never ends, and no law is sure why.
    pub const BUSY: Blame<'static> = Blame {
        mistake: None,
        sentence: "Your code loops, and does not return.",
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
/// With the diagnosis that `body` makes; with `asleep` when all threads are blocked and none can go on; with `busy` when a run takes
/// more than twenty thousand steps; with `unguarded-cell` when two threads are inside one [`sync::UnsafeCell`]; with `locked-twice`
/// when a thread locks what it holds, or with `asleep` if that is about a lock. Where `busy` is `busy-poll`, code that sleeps for a
/// time, again and again, is `sleeps-by-the-clock`. Any other panic of the code under test is told without a name.
///
/// A park, and the first waits at a condition variable, may end for nothing here, as the standard library says they may.
#[track_caller]
pub fn explore(
    run: impl Fn() -> Run + Send + Sync + 'static,
    asleep: Blame<'_>,
    busy: Blame<'_>,
    body: impl Fn(&Run) + Send + Sync + 'static,
) {
    let (newest, end) = attempt(runner(SCHEDULES), asleep, run, body);
    judge(&newest, end, asleep, busy);
}

/// [`explore`], for a mistake that shows only if one thread stands still while others take many steps. Each thread has a random
/// priority, and the thread with the highest one goes on, also if it yields. At `standstills` random moments the running thread falls
/// to the lowest. The fewer of them a mistake needs, the sooner it is found with that number. (PCT: Burckhardt, Kothari, Musuvathi and
/// Nagarakatte, *A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs*, 2010.)
///
/// # Panics
///
/// As [`explore`].
#[track_caller]
pub fn explore_standstills(
    schedules: usize,
    standstills: usize,
    run: impl Fn() -> Run + Send + Sync + 'static,
    asleep: Blame<'_>,
    busy: Blame<'_>,
    body: impl Fn(&Run) + Send + Sync + 'static,
) {
    let scheduler = PctScheduler::new_from_seed(SEED, standstills + 1, schedules);
    let runner = Runner::new(Faithful::new(Stubborn::new(scheduler), false), config());
    let (newest, end) = attempt(runner, asleep, run, body);
    judge(&newest, end, asleep, busy);
}

/// Runs `body` once, as the first thread of a model, and gives back its run: for promises about code that uses [`sync`], and for
/// which one interleaving is enough. A thread that sleeps gets up only when it is told to.
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
    let (newest, end) = attempt(runner(1), asleep, run, body);
    judge(&newest, end, asleep, busy);
    newest
}

/// [`comes_to_its_end`], for a body that takes up to a hundred times as many steps: large numbers of polls, wakes or waits.
///
/// # Panics
///
/// As [`comes_to_its_end`].
#[track_caller]
pub fn at_length(
    run: impl Fn() -> Run + Send + Sync + 'static,
    busy: Blame<'_>,
    body: impl Fn(&Run) + Send + Sync + 'static,
) -> (Run, bool) {
    let mut config = config();
    config.max_steps = MaxSteps::FailAfter(100 * STEPS);
    ends_or_sleeps(config, run, busy, body)
}

/// [`once`], for code that is not expected to sleep or to go round in circles: if it does, no mistake is named.
#[track_caller]
pub fn alone(
    run: impl Fn() -> Run + Send + Sync + 'static,
    body: impl Fn(&Run) + Send + Sync + 'static,
) -> Run {
    once(run, Blame::ASLEEP, Blame::BUSY, body)
}

/// [`alone`], for a body with a hundred thousand calls: it may take a hundred times as many steps.
#[track_caller]
pub fn alone_at_length(
    run: impl Fn() -> Run + Send + Sync + 'static,
    body: impl Fn(&Run) + Send + Sync + 'static,
) -> Run {
    let mut config = config();
    config.max_steps = MaxSteps::FailAfter(100 * STEPS);
    let scheduler = RandomScheduler::new_from_seed(SEED, 1);
    let runner = Runner::new(Faithful::new(scheduler, false), config);
    let (newest, end) = attempt(runner, Blame::ASLEEP, run, body);
    judge(&newest, end, Blame::ASLEEP, Blame::BUSY);
    newest
}

/// [`Search::compare`], for code that uses [`sync`]: a hundred short runs at a time, each hundred [`alone`].
///
/// # Panics
///
/// At the first difference, with its verdict; else as [`alone`].
#[track_caller]
pub fn compare<O, Y, R>(
    search: Search<O>,
    run: impl Fn() -> Run + Clone + Send + Sync + 'static,
    yours: impl Fn() -> Y + Send + Sync + 'static,
    reference: impl Fn() -> R + Send + Sync + 'static,
) where
    O: Operation + Send + Sync + 'static,
    Y: Machine<Operation = O>,
    R: Machine<Operation = O>,
{
    const AT_A_TIME: usize = 100;
    let search = search.catching(|step| expected(step));
    let shared = Arc::new((Mutex::new((search, true)), yours, reference));
    loop {
        let inside = Arc::clone(&shared);
        alone(run.clone(), move |run| {
            let (search, yours, reference) = &*inside;
            let mut search = search.lock().unwrap_or_else(PoisonError::into_inner);
            let more = search.0.compare_some(run, AT_A_TIME, yours, reference);
            search.1 = more;
        });
        let more = shared.0.lock().unwrap_or_else(PoisonError::into_inner).1;
        if !more {
            break;
        }
    }
    let samples = {
        let search = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        search.0.samples()
    };
    if samples.is_empty() {
        return;
    }
    // The model keeps its own notes of every lock until it ends, so memory is looked at before it begins and after it has ended.
    let grown = |runs: &[Vec<O>], side: Side| {
        let runs: Arc<[Vec<O>]> = runs.into();
        heap::growth(|| {
            let (inside, runs, new) = (Arc::clone(&shared), Arc::clone(&runs), run.clone());
            drop(alone(new, move |_| {
                let (search, yours, reference) = &*inside;
                let search = search.lock().unwrap_or_else(PoisonError::into_inner);
                match side {
                    Side::Yours => search.0.carry_out(&runs, yours),
                    Side::Reference => search.0.carry_out(&runs, reference),
                }
            }));
        })
    };
    no_more_is_left(
        &run(),
        &samples,
        &|runs| grown(runs, Side::Yours),
        &|runs| grown(runs, Side::Reference),
    );
}

#[derive(Clone, Copy)]
enum Side {
    Yours,
    Reference,
}

/// [`probe::leaks::no_memory_is_left`], for code that uses [`sync`].
///
/// # Panics
///
/// With `never-dropped`; else as [`alone`].
#[track_caller]
pub fn no_memory_is_left(
    run: impl Fn() -> Run + Clone + Send + Sync + 'static,
    track: &str,
    use_one: impl Fn() + Send + Sync + 'static,
) {
    const HUNDRED: usize = 100;
    let use_one = Arc::new(use_one);
    let grown = heap::growth(|| {
        let use_one = Arc::clone(&use_one);
        drop(alone(run.clone(), move |_| {
            (0..HUNDRED).for_each(|_| use_one());
        }));
    });
    leaks::refuse_growth(&run(), track, grown / HUNDRED);
}

/// Runs `body` once, which must end with all threads asleep, and gives back its run: for promises about code that has to wait.
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
) -> Run {
    let (newest, end) = attempt(runner(1), Blame::ASLEEP, run, body);
    match end {
        End::Asleep => newest,
        End::Returned => returned.on(&newest),
        end => {
            judge(&newest, end, Blame::ASLEEP, busy);
            newest
        }
    }
}

/// Runs `body` once, and says whether it came to its end: `false` if all threads fell asleep before. For promises that say more about
/// such a sleep than one sentence can.
///
/// # Panics
///
/// With `busy` if it goes round in circles; else as [`explore`].
#[track_caller]
pub fn comes_to_its_end(
    run: impl Fn() -> Run + Send + Sync + 'static,
    busy: Blame<'_>,
    body: impl Fn(&Run) + Send + Sync + 'static,
) -> (Run, bool) {
    ends_or_sleeps(config(), run, busy, body)
}

/// How a body of [`ending`] ended.
#[derive(Debug)]
pub enum Ending {
    /// It returned.
    Returned,
    /// All threads were asleep, its own among them, or one that it left behind.
    Asleep,
    /// A thread panicked: the body's own or another.
    Panicked(Caught),
}

/// Runs `body` once, for tests that have more to say about a sleep or a panic than one sentence.
///
/// # Panics
///
/// As [`comes_to_its_end`], except for panics of code under test: these are in the answer.
#[track_caller]
pub fn ending(
    run: impl Fn() -> Run + Send + Sync + 'static,
    busy: Blame<'_>,
    body: impl Fn(&Run) + Send + Sync + 'static,
) -> (Run, Ending) {
    let (newest, end) = attempt(runner(1), Blame::ASLEEP, run, body);
    match end {
        End::Asleep => (newest, Ending::Asleep),
        End::Panicked(panic) => (newest, Ending::Panicked(panic)),
        end => {
            judge(&newest, end, Blame::ASLEEP, busy);
            (newest, Ending::Returned)
        }
    }
}

#[track_caller]
fn ends_or_sleeps(
    config: Config,
    run: impl Fn() -> Run + Send + Sync + 'static,
    busy: Blame<'_>,
    body: impl Fn(&Run) + Send + Sync + 'static,
) -> (Run, bool) {
    let (newest, end) = attempt(runner_with(1, config), Blame::ASLEEP, run, body);
    if matches!(end, End::Asleep) {
        return (newest, false);
    }
    judge(&newest, end, Blame::ASLEEP, busy);
    (newest, true)
}

/// [`panics::expected`], for a step inside of a model: all threads being blocked is no panic of the learner's code, and passes
/// through.
///
/// # Errors
///
/// The panic, if it came.
pub fn expected<T>(step: impl FnOnce() -> T) -> Result<T, Caught> {
    panics::expected(step).inspect_err(|panic| {
        if is_deadlock(panic) {
            panic!("{}", panic.message);
        }
        aborts::were_expected();
    })
}

fn is_deadlock(panic: &Caught) -> bool {
    panic.message.starts_with("deadlock")
}

fn is_held_twice(panic: &Caught) -> bool {
    is_deadlock(panic) && panic.message.contains("it already holds")
}

/// How the model's threads ended.
enum End {
    Returned,
    Asleep,
    HeldTwice,
    Busy,
    Clocked,
    Clash,
    /// An ordering is too weak, which was seen so.
    Unordered(&'static str),
    Panicked(Caught),
}

/// Runs `body` under the interleavings of `runner`, up to the first that does not return, and says how that one ended.
fn attempt<S: Scheduler + 'static>(
    runner: Runner<S>,
    asleep: Blame<'_>,
    run: impl Fn() -> Run + Send + Sync + 'static,
    body: impl Fn(&Run) + Send + Sync + 'static,
) -> (Run, End) {
    let current: Arc<Mutex<Option<Run>>> = Arc::default();
    let newest = Arc::clone(&current);
    aborts::watch(&current, asleep);
    let outcome = panics::expected(move || {
        runner.run(move || {
            let run = run();
            *newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(run.clone());
            body(&run);
        })
    });
    sync::forget_the_step();
    orderings::end();
    let end = match outcome {
        Ok(_) => End::Returned,
        Err(panic) if is_held_twice(&panic) => End::HeldTwice,
        Err(panic) if is_deadlock(&panic) => End::Asleep,
        Err(panic) if panic.message.contains("max_steps") => End::Busy,
        Err(panic) if panic.message.contains(sleep::CLOCKED) => End::Clocked,
        Err(panic) if panic.message.contains(sync::CLASH) => End::Clash,
        Err(panic) if panic.message.contains(orderings::UNORDERED) => End::Unordered(LEFT),
        Err(panic) if panic.message.contains(orderings::UNSEEN) => End::Unordered(HAPPENED),
        Err(panic) => End::Panicked(aborts::first_panic().unwrap_or(panic)),
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
        End::HeldTwice => held_twice(asleep).on(run),
        End::Clocked if busy.mistake == Some("busy-poll") => BY_THE_CLOCK.on(run),
        End::Clocked => busy.on(run),
        End::Busy => busy.on(run),
        End::Clash => run.diagnose(
            "unguarded-cell",
            "Two threads were inside the cell at the same time: one of them had not made sure that the other was out.",
        ),
        End::Unordered(seen) => run.diagnose("ordering-too-weak", seen),
        End::Panicked(panic) => run.departs(panicked(&panic)),
    }
}

const LEFT: &str = "One thread left the cell, and another entered it. The state told the second thread that the cell was free, but its \
                    ordering did not make the content visible: between the two accesses there is no `Release` that an `Acquire` pairs with.";

const HAPPENED: &str = "A thread wrote to memory, and called `wake` after that. The task reads this memory afterwards, and the write is not \
                        visible to it: from the call of `wake` to the task there is no `Release` that an `Acquire` pairs with.";

/// What it means that a thread locked what it holds: `asleep`, if that is about a lock.
fn held_twice(asleep: Blame<'_>) -> Blame<'_> {
    match asleep.mistake {
        Some("wake-under-lock") => HELD_AT_A_WAKE,
        Some(mistake) if mistake.ends_with("-under-lock") => asleep,
        _ => HELD_TWICE,
    }
}

const HELD_AT_A_WAKE: Blame<'static> = Blame {
    mistake: Some("wake-under-lock"),
    sentence: "The woken task polled at once, inside `wake`, and the poll needs the lock that the caller of `wake` still holds. The \
               thread waits for itself; the model stops it with a panic.",
};

const HELD_TWICE: Blame<'static> = Blame {
    mistake: Some("locked-twice"),
    sentence: "A thread locked a lock that it holds already, and waits for itself: a lock is held during a call that needs the same \
               lock. The model stops it with a panic.",
};

const BY_THE_CLOCK: Blame<'static> = Blame {
    mistake: Some("sleeps-by-the-clock"),
    sentence: "Nothing called the waker. The thread slept for a time, checked, and slept again, without end. A thread that waits for a \
               wake sleeps until the wake comes, without a time-out.",
};

/// What to say of a panic that no law knows.
fn panicked(panic: &Caught) -> String {
    let file = panic.file.rsplit(['/', '\\']).next().unwrap_or_default();
    let message = panic.message.trim_end_matches('.');
    format!("It panicked, on line {} of {file}: {message}.", panic.line)
}

/// The event of a wait may happen at any moment, also in the middle of a poll, and is not missed.
///
/// Names `check-then-register` if an event that came and went in the middle of one poll was missed, and `woke-too-soon` if only an
/// event in whose own middle a poll came was: the one looks and registers in the wrong order, the other wakes and happens in the wrong
/// order. It is sure of these names only for futures that keep the laws of [`probe_futures::laws::waiting`]: try these first.
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
        sentence: "A poll, or the event, loops and does not return.",
    };
    let missed: Arc<Mutex<Vec<Miss>>> = Arc::default();
    let misses = Arc::clone(&missed);
    explore(run, asleep, busy, move |run| {
        if let Some(miss) = try_one_moment(run, make()) {
            let mut misses = misses.lock().unwrap_or_else(PoisonError::into_inner);
            misses.push(miss);
        }
    });
    let mut missed = missed.lock().unwrap_or_else(PoisonError::into_inner);
    missed.sort_by_key(|miss| miss.how);
    if let Some(miss) = missed.first() {
        miss.diagnose();
    }
}

/// One interleaving in which the event was missed.
struct Miss {
    run: Run,
    how: How,
}

/// The clearest comes first: a look and a registration in the wrong order can also be missed in other ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    NoWakerKept,
    EventInsideThePoll,
    Otherwise,
}

impl Miss {
    #[track_caller]
    fn diagnose(&self) -> ! {
        match self.how {
            How::NoWakerKept => self.run.departs(
                "The event happened during the poll. The poll returned Pending, the task was not woken, and no waker is kept: the future \
                 is never polled again.",
            ),
            How::EventInsideThePoll => self.run.diagnose(
                "check-then-register",
                "The event happened during the poll: after the check, and before the waker was stored. There was no waker to call then, \
                 and the future is never polled again.",
            ),
            How::Otherwise => self.run.diagnose(
                "woke-too-soon",
                "The poll came in the middle of the event: after the event had taken the waker to call, and before the poll could see the \
                 event. The poll stored a new waker, and no second event calls it.",
            ),
        }
    }
}

/// Lets the event happen while a task polls, and polls again whenever it is woken.
fn try_one_moment<F>(run: &Run, wait: Wait<F>) -> Option<Miss>
where
    F: Future<Output: Debug> + 'static,
{
    let mut future = spy(run, "future", wait.future);
    let a = poller(run.recorder(), "A");
    let (recorder, event) = (run.recorder().clone(), wait.event);
    let other = sync::thread::spawn(move || {
        let call = recorder.enters("event", "happens");
        event();
        call.returns("done");
    });
    let mut wakes = 0;
    for _ in 0..POLLS {
        wakes = a.wakes();
        if a.poll(Pin::new(&mut future)).is_ready() {
            other.join().expect("an event does not panic");
            return None;
        }
        sync::thread::yield_now();
        if a.wakes() == wakes {
            break;
        }
    }
    other.join().expect("an event does not panic");
    if a.wakes() > wakes {
        if a.poll(Pin::new(&mut future)).is_pending() {
            run.departs("The event has happened, A was woken, and the poll after that is pending.");
        }
        return None;
    }
    let how = match (a.counts().alive, event_is_inside_the_last_poll(run)) {
        (0, _) => How::NoWakerKept,
        (_, true) => How::EventInsideThePoll,
        (_, false) => How::Otherwise,
    };
    let run = run.clone();
    Some(Miss { run, how })
}

/// More polls than a wake or two make.
const POLLS: usize = 4;

fn event_is_inside_the_last_poll(run: &Run) -> bool {
    let events = run.recorder().recording().events;
    let find = |track: &str, enters: bool| {
        events.iter().rposition(|event| {
            event.track == track && matches!(event.what, What::Enters(_)) == enters
        })
    };
    let (polled, begun) = (find("future", true), find("event", true));
    let (left, done) = (find("future", false), find("event", false));
    polled < begun && done < left
}

fn runner(schedules: usize) -> Runner<Faithful<RandomScheduler>> {
    runner_with(schedules, config())
}

fn runner_with(schedules: usize, config: Config) -> Runner<Faithful<RandomScheduler>> {
    let scheduler = RandomScheduler::new_from_seed(SEED, schedules);
    Runner::new(Faithful::new(scheduler, schedules > 1), config)
}

fn config() -> Config {
    let mut config = Config::new();
    config.silence_warnings = true;
    config.max_steps = MaxSteps::FailAfter(STEPS);
    config.stack_size = STACK;
    config.failure_persistence = shuttle::FailurePersistence::None;
    config
}
